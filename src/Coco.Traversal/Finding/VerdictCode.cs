namespace Coco.Traversal.Finding;

/// <summary>Why a connection uses the kind of path it uses.</summary>
public enum VerdictCode : byte
{
    /// <summary>No way is known yet to be better, and the search for one goes on.</summary>
    StillProbing,

    /// <summary>Direct over UDP and IPv4.</summary>
    Direct,

    /// <summary>Direct within one local network.</summary>
    DirectLan,

    /// <summary>Direct over UDP and IPv6.</summary>
    DirectIpv6,

    /// <summary>Direct over TCP.</summary>
    DirectTcp,

    /// <summary>Relayed: this node's network lets no UDP through.</summary>
    UdpBlockedHere,

    /// <summary>Relayed: the peer says that its network lets no UDP through.</summary>
    UdpBlockedAtPeer,

    /// <summary>Relayed: the NATs of both sides choose a new port for each destination, so that neither side can be told where the other will
    /// be heard.</summary>
    BothAddressDependent,

    /// <summary>Relayed: one side's NAT chooses a new port for each destination, and many tries have not met.</summary>
    OneAddressDependent,

    /// <summary>Relayed: none of the probes sent to the peer's addresses was answered, and none of the peer's arrived.</summary>
    NoAnswerFromPeer,

    /// <summary>Relayed: probes of the peer arrive, but ours are not answered.</summary>
    OneWayOnly,

    /// <summary>Relayed: small probes pass directly, packets of full size do not.</summary>
    DirectPathTooNarrow,

    /// <summary>Relayed: probes of full size pass directly, QUIC's packets do not: something on the way drops what looks like QUIC.</summary>
    QuicBlocked,

    /// <summary>Relayed: a direct path was in use and died.</summary>
    DirectPathDied,

    /// <summary>Relayed: both nodes stand behind the same outer address, and what is sent to it from inside does not come back.</summary>
    HairpinMissing,

    /// <summary>Relayed: the peer gave no address that this node may or can send to.</summary>
    RelayOnlyKnown,

    /// <summary>Relayed because this node's policy asks for it, or direct ways are all excluded by it.</summary>
    Policy,

    /// <summary>Relayed because the peer's policy asks for it.</summary>
    PolicyAtPeer,

    /// <summary>No path delivers at present.</summary>
    NoPath,

    /// <summary>Through other members of the network, since no direct path is known; the evidence says why.</summary>
    ThroughMesh,
}
