using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>The frames of 1-RTT packets that we send, in the order of their urgency.</summary>
public sealed partial class QuicConnection
{
    private const int MaxRangesPerAck = 64;
    private const int AckSizeLimit = 512; // chosen: an ACK leaves room for data in any packet; older ranges wait

    private void WriteAck(PacketSpace space, ref SpanWriter writer, ref SentPacket packet, long now)
    {
        var room = Math.Min(AckSizeLimit, writer.RemainingLength);
        var delay = Math.Max(0, now - space.LargestReceivedTime) / TimeSpan.TicksPerMicrosecond;
        var scaled = (ulong)delay >> (int)Parameters.TransportParameters.DefaultAckDelayExponent;
        var count = Math.Min(space.Received.Count, MaxRangesPerAck);
        Span<PacketNumberRange> ranges = stackalloc PacketNumberRange[MaxRangesPerAck];
        for (var i = 0; i < count; i++) { ranges[i] = new((ulong)space.Received[i].Smallest, (ulong)space.Received[i].Largest); }
        var written = FrameWriter.WriteAck(writer.Remaining[..room], ranges[..count], scaled, space.EcnToReport);
        if (written == 0) { return; }
        writer.Reserve(written);
        packet.LargestAcknowledged = space.Received.Largest;
        space.AckWasSent();
    }

    /// <summary>A receiver whose gaps pile up asks for an acknowledgement of its acknowledgements (RFC 9000 §13.2.4), once a round trip.</summary>
    private bool WantsAckOfAcks(long now) =>
        _data.Received.Count > 8 && now - _data.TimeOfLastAckEliciting > _active.Rtt.Smoothed;

    private bool WriteConnectionControl(ref SpanWriter writer, ref SentPacket packet, long now)
    {
        if (!HasConnectionControl) { return false; }
        var any = false;
        if (_handshakeDonePending && writer.RemainingLength > 1)
        {
            writer.WriteByte((byte)FrameType.HandshakeDone);
            _handshakeDonePending = false;
            Remember(ref packet, SentFrameKind.HandshakeDone, 0);
            any = true;
        }
        while (writer.RemainingLength > FrameSize.NewConnectionId(_localIds.NextSequence, 0, _localIds.Entries[0].Id) && _localIds.TryTakeUnannounced(out var entry))
        {
            writer.Reserve(FrameWriter.WriteNewConnectionId(writer.Remaining, entry.Sequence, 0, entry.Id, _endpoint.ResetTokenOf(entry.Id)));
            Remember(ref packet, SentFrameKind.NewConnectionId, entry.Sequence);
            any = true;
        }
        while (writer.RemainingLength > 1 + VarInt.MaxLength && _remoteIds.TryTakeRetirement(out var sequence))
        {
            writer.Reserve(FrameWriter.WriteRetireConnectionId(writer.Remaining, sequence));
            Remember(ref packet, SentFrameKind.RetireConnectionId, sequence);
            any = true;
        }
        return any | WriteAckFrequency(ref writer, ref packet) | WriteNewToken(ref writer, ref packet, now);
    }

    private bool WriteNewToken(ref SpanWriter writer, ref SentPacket packet, long now)
    {
        if (!_newTokenPending || writer.RemainingLength < FrameSize.NewToken(AddressTokenSealer.TokenLength)) { return false; }
        Span<byte> token = stackalloc byte[AddressTokenSealer.TokenLength];
        _endpoint.SealNewToken(_active.Info.AddressTag, token, now);
        writer.Reserve(FrameWriter.WriteNewToken(writer.Remaining, token));
        _newTokenPending = false;
        Remember(ref packet, SentFrameKind.NewToken, 0);
        return true;
    }

    private bool WriteStreamControl(ref SpanWriter writer, ref SentPacket packet, long now)
    {
        var any = false;
        while (_streams.HasControl && _streams.TryWriteControlFrame(writer.Remaining, now, _active.Rtt.Smoothed, out var sent, out var written))
        {
            writer.Reserve(written);
            packet.Frames = _sentFrames.Push(packet.Frames, new() { Kind = SentFrameKind.StreamControl, Control = sent });
            any = true;
        }
        return any;
    }

    private bool WriteStreams(ref SpanWriter writer, ref SentPacket packet)
    {
        var any = false;
        while (_streams.HasData && _streams.TryWriteStreamFrame(writer.Remaining, lastInPacket: true, out var sent, out var written))
        {
            writer.Reserve(written);
            if (packet.Stream.Length < 0) { packet.Stream = sent; }
            else { packet.Frames = _sentFrames.Push(packet.Frames, new() { Kind = SentFrameKind.Stream, Stream = sent }); }
            any = true;
        }
        return any;
    }

    private void Remember(ref SentPacket packet, SentFrameKind kind, ulong value) =>
        packet.Frames = _sentFrames.Push(packet.Frames, new() { Kind = kind, Value = value });
}
