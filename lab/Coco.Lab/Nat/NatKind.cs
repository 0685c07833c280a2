namespace Coco.Lab.Nat;

/// <summary>What stands between a host and the internet: the rows and columns of the NAT matrix.</summary>
public enum NatKind
{
    /// <summary>Nothing: a public address.</summary>
    None,

    /// <summary>A public address behind a stateful firewall.</summary>
    Firewall,

    /// <summary>Endpoint-independent mapping and filtering (RFC 4787 §4.1, §5), "full cone".</summary>
    Open,

    /// <summary>Endpoint-independent mapping, address-dependent filtering.</summary>
    AddressRestricted,

    /// <summary>Endpoint-independent mapping on a random port, address-and-port-dependent filtering: the usual home router.</summary>
    PortRestricted,

    /// <summary>Plain Linux masquerade: ports kept where they are free, address-and-port-dependent filtering.</summary>
    PortPreserving,

    /// <summary>Address-and-port-dependent mapping on random ports.</summary>
    Symmetric,

    /// <summary>No UDP at all; TCP passes.</summary>
    UdpBlocked,
}
