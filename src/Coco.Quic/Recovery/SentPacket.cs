using Coco.Quic.Congestion;
using Coco.Quic.Streams;

namespace Coco.Quic.Recovery;

/// <summary>What is remembered of a packet until it is acknowledged or lost (RFC 9002 A.1.1). One STREAM frame is kept in place, as
/// bulk data needs no more; further frames hang in a chain of <see cref="SentFrameSlab"/>.</summary>
internal struct SentPacket
{
    public long TimeSent;
    public StreamFrameSent Stream; // Length < 0 when there is none
    public DeliverySnapshot Delivery;
    public long LargestAcknowledged; // of the ACK frame it carried, or -1
    public int Frames; // first of the chain, or -1
    public ushort Size;
    public ushort Path; // NetworkPath.Key
    public SentPacketFlags Flags;

    public readonly bool Has(SentPacketFlags flags) => (Flags & flags) == flags;
}
