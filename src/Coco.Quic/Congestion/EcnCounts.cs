namespace Coco.Quic.Congestion;

/// <summary>The ECN counts of an ACK frame, totals over a packet number space (RFC 9000 §19.3.2).</summary>
internal readonly record struct EcnCounts(long Ect0, long Ect1, long Ce);
