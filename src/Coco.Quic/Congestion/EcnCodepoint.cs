namespace Coco.Quic.Congestion;

/// <summary>The ECN field of an IP header (RFC 3168 §5).</summary>
internal enum EcnCodepoint : byte
{
    NotEct = 0,
    Ect1 = 1,
    Ect0 = 2,
    CongestionExperienced = 3,
}
