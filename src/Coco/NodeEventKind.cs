namespace Coco;

/// <summary>What happened in a network, as one of its nodes sees it.</summary>
public enum NodeEventKind
{
    /// <summary>Nodes, links or routes changed.</summary>
    GraphChanged,

    /// <summary>There is a way to the node now.</summary>
    Reachable,

    /// <summary>There is no way to the node any more.</summary>
    Unreachable,

    /// <summary>Who belongs, is called what, or may do what is different now.</summary>
    MembershipChanged,

    /// <summary>The node joined by a ticket of this node's.</summary>
    Joined,

    /// <summary>The node was removed.</summary>
    NodeRemoved,

    /// <summary>The user was removed, with all nodes.</summary>
    UserRemoved,

    /// <summary>The user owns the network now.</summary>
    OwnerChanged,

    /// <summary>This node was removed: dispose of it, and join again if you may.</summary>
    SelfRemoved,

    /// <summary>A key signed two statements in one place: its holder cheats, or it is in two hands.</summary>
    Equivocation,

    /// <summary>Another process runs with this node's key: a backup was restored beside the original, or its store was copied. Stop one of them.</summary>
    CopySeen,
}
