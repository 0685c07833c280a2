using Coco.Quic.Streams;

namespace Coco.Quic.Recovery;

/// <summary>A frame of a sent packet that needs care when the packet is acknowledged or lost.</summary>
internal struct SentFrame
{
    public SentFrameKind Kind;
    public int Next; // in the slab, or -1
    public StreamFrameSent Stream; // Stream and Crypto
    public ControlFrameSent Control; // StreamControl
    public ulong Value; // sequence number, or the application's tag of a datagram
}
