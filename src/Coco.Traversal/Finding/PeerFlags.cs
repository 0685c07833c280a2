namespace Coco.Traversal.Finding;

/// <summary>What a node says of itself with its candidates. The numbers are on the wire; unknown bits are ignored.</summary>
[Flags]
internal enum PeerFlags : byte
{
    None = 0,

    /// <summary>It takes part in birthday punching.</summary>
    AllowsBirthday = 1,

    /// <summary>No UDP leaves or enters its network.</summary>
    UdpBlocked = 2,

    /// <summary>Its policy forbids direct paths.</summary>
    RelayOnly = 4,

    /// <summary>Its network has just changed: what was known of paths to it does not hold any more.</summary>
    NetworkChanged = 8,
}
