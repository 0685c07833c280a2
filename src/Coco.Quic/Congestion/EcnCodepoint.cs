namespace Coco.Quic.Congestion;

/// <summary>The ECN field of an IP header (RFC 3168 §5).</summary>
public enum EcnCodepoint : byte
{
    /// <summary>The sender does not take part.</summary>
    NotEct = 0,

    /// <summary>ECT(1), which we never send.</summary>
    Ect1 = 1,

    /// <summary>ECT(0): routers may mark this packet instead of dropping it.</summary>
    Ect0 = 2,

    /// <summary>CE: a router was about to drop this packet.</summary>
    CongestionExperienced = 3,
}
