using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>What became of the network, for the app.</summary>
internal abstract record MemberEvent
{
    private MemberEvent() { }

    /// <summary>Nodes, links or routes changed.</summary>
    internal sealed record GraphChanged : MemberEvent;

    internal sealed record Reachable(NodeId Node) : MemberEvent;

    internal sealed record Unreachable(NodeId Node) : MemberEvent;

    /// <summary>Who belongs, is called what or may do what is different now.</summary>
    internal sealed record MembershipChanged : MemberEvent;

    internal sealed record NodeRemoved(NodeId Node) : MemberEvent;

    internal sealed record UserRemoved(UserId User) : MemberEvent;

    /// <summary>Somebody else owns the network.</summary>
    internal sealed record OwnerChanged(UserId Owner) : MemberEvent;

    /// <summary>Another process runs with this node's key.</summary>
    internal sealed record CopySeen : MemberEvent;

    /// <summary>A node joined by a ticket of ours.</summary>
    internal sealed record Joined(NodeId Node) : MemberEvent;

    /// <summary>This node belongs no more.</summary>
    internal sealed record SelfRemoved : MemberEvent;

    /// <summary>A key signed two statements in one place: it cheats, or is in two hands.</summary>
    internal sealed record Equivocation(NodeId Issuer) : MemberEvent;
}
