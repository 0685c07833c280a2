namespace Coco.Transport.Netcheck;

/// <summary>What a <see cref="NetworkCheck"/> finds. New codes are added at the end.</summary>
public enum NetworkFindingCode
{
    /// <summary>The host has no address but loopback.</summary>
    NoAddress,

    /// <summary>Nobody outside was asked, because nobody was given.</summary>
    NobodyAsked,

    /// <summary>Nobody who was asked answered in any way.</summary>
    NothingWorks,

    /// <summary>Others see the host's own address.</summary>
    PublicAddress,

    /// <summary>The NAT has one outer address for all: hole punching works.</summary>
    PunchableNat,

    /// <summary>The NAT has another outer address for each peer: hole punching works with some peers only.</summary>
    HardNat,

    /// <summary>There were too few answers to tell the NAT's kind.</summary>
    NatUnknown,

    /// <summary>No observer answered over UDP.</summary>
    UdpBlocked,

    /// <summary>Packets of strangers get in.</summary>
    OpenToStrangers,

    /// <summary>Only packets of those who were sent to get in.</summary>
    ClosedToStrangers,

    /// <summary>No observer could tell who gets in.</summary>
    FilteringUnknown,

    /// <summary>Peers behind the same NAT reach each other by their outer addresses.</summary>
    Hairpins,

    /// <summary>Peers behind the same NAT do not reach each other by their outer addresses.</summary>
    NoHairpin,

    /// <summary>Observers contradict each other, or one says what cannot be.</summary>
    ObserversDisagree,

    /// <summary>The router opens ports on request.</summary>
    PortsMapped,

    /// <summary>The router says it opens ports, with an address where nobody can reach them.</summary>
    PortsMappedInVain,

    /// <summary>No router opens ports on request.</summary>
    PortsNotMapped,

    /// <summary>A port that was opened may not be closed yet.</summary>
    MappingLeft,

    /// <summary>A relay is reached by UDP.</summary>
    RelayByUdp,

    /// <summary>A relay is reached, but not by UDP.</summary>
    RelayWithoutUdp,

    /// <summary>A relay is not reached.</summary>
    RelayNotReached,
}
