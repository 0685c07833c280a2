namespace Coco.Traversal.Finding;

/// <summary>Where a candidate's address comes from. The numbers are on the wire.</summary>
internal enum CandidateKind : byte
{
    /// <summary>An address of an interface.</summary>
    Host = 1,

    /// <summary>As others see it, learnt by STUN.</summary>
    ServerReflexive = 2,

    /// <summary>Given by a router on request (PCP, NAT-PMP, UPnP IGD).</summary>
    PortMapped = 3,

    /// <summary>Where TCP links are accepted: an address of an interface, or one mapped to it.</summary>
    Tcp = 4,

    /// <summary>Where TCP may be heard by simultaneous open: the outer address with the listening port.</summary>
    TcpReflexive = 5,

    /// <summary>Learnt from an authenticated probe. Never on the wire.</summary>
    PeerReflexive = 6,

    /// <summary>Guessed: a port near the one a dependent mapping gave last. Never on the wire.</summary>
    Predicted = 7,
}
