namespace Coco.Lab.Kernel;

/// <summary>What a home has of IPv6. It is never translated.</summary>
public enum Ipv6Access
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>Addresses behind a firewall that lets in the answers of whom was sent to.</summary>
    Firewalled,

    /// <summary>Addresses behind a firewall that lets in everybody to a UDP port that has sent something.</summary>
    FirewalledEndpointIndependent,

    /// <summary>Addresses that everybody reaches.</summary>
    Open,
}
