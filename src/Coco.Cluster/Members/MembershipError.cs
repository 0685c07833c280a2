namespace Coco.Cluster.Members;

/// <summary>Why an act was not done.</summary>
public enum MembershipError
{
    /// <summary>The user of this node holds no office in which it may be done.</summary>
    NotAllowed = 1,

    /// <summary>What it is about is not known here.</summary>
    Unknown = 2,

    /// <summary>What was given is not as it must be.</summary>
    Invalid = 3,

    /// <summary>The log has no room.</summary>
    NoRoom = 4,

    /// <summary>It was stated and has no effect, because somebody more senior said otherwise meanwhile.</summary>
    NoEffect = 5,

    /// <summary>This node was removed from the network.</summary>
    Removed = 6,

    /// <summary>This node has not heard yet what its user has stated before.</summary>
    Behind = 7,
}
