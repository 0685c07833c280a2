using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>How often acknowledgements come, as the sender of data asks for (draft-ietf-quic-ack-frequency): each costs both sides a
/// packet, and one for a batch says as much as one for every second packet.</summary>
public sealed partial class QuicConnection
{
    private const int DefaultAckElicitingThreshold = 1; // RFC 9000 §13.2.2: every second packet

    // Chosen by measurement (docs/performance.md): an ACK for about half of an offloaded batch; below an eighth of any usual window.
    private const int RequestedThreshold = 24;

    private const ulong MinAckDelay = 1000; // microseconds
    private long _ackDelay; // ticks
    private int _ackElicitingThreshold = DefaultAckElicitingThreshold;
    private bool _ackOnReordering = true;
    private long _highestAckFrequency = -1;
    private bool _ackFrequencyPending;

    private long PeerMaxAckDelay => (long)(_peerParameters?.MaxAckDelayMs ?? TransportParameters.DefaultMaxAckDelayMs) * TimeSpan.TicksPerMillisecond;

    private bool HandleAckFrequency(scoped in Frame frame, long now)
    {
        // §4: a delay below our min_ack_delay is a PROTOCOL_VIOLATION; only the newest request counts.
        if (frame.RequestedMaxAckDelay < MinAckDelay) { return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "the peer asks for a shorter acknowledgement delay than was offered", now); }
        if ((long)frame.Sequence <= _highestAckFrequency) { return true; }
        _highestAckFrequency = (long)frame.Sequence;
        _ackElicitingThreshold = (int)Math.Min(frame.AckElicitingThreshold, 1 << 16);
        _ackDelay = (long)Math.Min(frame.RequestedMaxAckDelay, 16_000_000) * TimeSpan.TicksPerMicrosecond;
        _ackOnReordering = frame.ReorderingThreshold != 0;
        return true;
    }

    private bool WriteAckFrequency(ref SpanWriter writer, ref SentPacket packet)
    {
        if (!_ackFrequencyPending || writer.RemainingLength < 2 + (4 * VarInt.MaxLength)) { return false; }
        writer.Reserve(FrameWriter.WriteAckFrequency(
            writer.Remaining, sequence: 0, RequestedThreshold, _peerParameters!.MaxAckDelayMs * 1000, reorderingThreshold: 1));
        _ackFrequencyPending = false;
        Remember(ref packet, SentFrameKind.AckFrequency, 0);
        return true;
    }
}
