namespace Coco.Quic.Congestion;

/// <summary>Whether a path carries ECN marks (RFC 9000 Appendix A.4).</summary>
internal enum EcnState : byte
{
    Testing,
    Unknown,
    Capable,
    Failed,
}
