using Coco.Quic.Congestion;

namespace Coco.Quic.Paths;

/// <summary>One buffer to send: a datagram, or several of equal size back to back (the last may be shorter), as UDP segmentation
/// offload wants them.</summary>
/// <param name="Path">Where to.</param>
/// <param name="Length">Bytes in the buffer.</param>
/// <param name="SegmentSize">Size in bytes of each datagram but the last, which may be shorter.</param>
/// <param name="Ecn">The ECN codepoint to put on every datagram (RFC 9000 §13.4).</param>
public readonly record struct Transmit(PathId Path, int Length, int SegmentSize, EcnCodepoint Ecn)
{
    /// <summary>Datagrams in the buffer.</summary>
    public int SegmentCount => SegmentSize == 0 ? 0 : (Length + SegmentSize - 1) / SegmentSize;
}
