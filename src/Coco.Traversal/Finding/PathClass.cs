namespace Coco.Traversal.Finding;

/// <summary>What kind of way to a peer a path is, best first.</summary>
public enum PathClass : byte
{
    /// <summary>UDP within one local network.</summary>
    DirectLan,

    /// <summary>UDP over IPv6.</summary>
    DirectIpv6,

    /// <summary>UDP over IPv4, through whatever NATs there are.</summary>
    Direct,

    /// <summary>TCP without anybody between.</summary>
    DirectTcp,

    /// <summary>Through a relay.</summary>
    Relay,

    /// <summary>Through other members of the network.</summary>
    Mesh,
}
