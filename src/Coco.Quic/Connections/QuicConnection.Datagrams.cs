using System.Buffers;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>Unreliable datagrams (RFC 9221).</summary>
public sealed partial class QuicConnection
{
    private Queue<QueuedDatagram>? _datagramsToSend;
    private Queue<QueuedDatagram>? _datagramsReceived;
    private int _datagramBytesToSend;
    private int _datagramBytesReceived;

    private const int DatagramOverhead = 64; // chosen: what a queued datagram costs beside its bytes, so that empty ones count too

    private readonly record struct QueuedDatagram(byte[] Buffer, int Length, ulong Tag);

    /// <summary>Datagrams dropped because the application did not take them in time.</summary>
    public long DatagramsDropped { get; private set; }

    /// <summary>Bytes of the largest datagram that can be sent now; 0 when the peer takes none.</summary>
    public int MaxDatagramLength
    {
        get
        {
            var peer = (long)Math.Min(_peerParameters?.MaxDatagramFrameSize ?? 0, 65_535);
            if (peer == 0) { return 0; }
            // Short header, packet number, frame type and length, tag.
            var room = _active.Mtu.Current - (1 + ConnectionId.MaxLength + PacketNumber.MaxEncodedLength + 3 + PacketProtection.TagLength);
            return (int)Math.Max(0, Math.Min(room, peer - 3));
        }
    }

    /// <summary>Queues a datagram; it is copied. False when it is larger than <see cref="MaxDatagramLength"/>, or the queue is full.</summary>
    /// <param name="data">The payload.</param>
    /// <param name="tag">Comes back in the events that tell whether it was acknowledged or lost.</param>
    public bool TrySendDatagram(ReadOnlySpan<byte> data, ulong tag = 0)
    {
        if (State != ConnectionState.Connected || data.Length > MaxDatagramLength) { return false; }
        if (_datagramBytesToSend + data.Length + DatagramOverhead > _options.DatagramSendBuffer) { return false; }
        var buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(buffer);
        (_datagramsToSend ??= new()).Enqueue(new(buffer, data.Length, tag));
        _datagramBytesToSend += data.Length + DatagramOverhead;
        Touch();
        return true;
    }

    /// <summary>Takes the oldest received datagram. False when there is none, or when <paramref name="destination"/> is too small for it;
    /// <paramref name="length"/> is its length either way.</summary>
    public bool TryReceiveDatagram(Span<byte> destination, out int length)
    {
        length = 0;
        if (_datagramsReceived is null || !_datagramsReceived.TryPeek(out var next)) { return false; }
        length = next.Length;
        if (destination.Length < length) { return false; }
        next.Buffer.AsSpan(0, length).CopyTo(destination);
        DropReceivedDatagram();
        if (_datagramsReceived.Count == 0 && _datagramBytesReceived == 0) { _datagramsReceived = _datagramsReceived.EnsureCapacity(0) > 64 ? null : _datagramsReceived; }
        return true;
    }

    private bool HandleDatagramFrame(scoped in Frame frame, long now)
    {
        // RFC 9221 §3: larger than offered, or at all when none was offered, is a PROTOCOL_VIOLATION.
        if (_options.MaxDatagramFrameSize == 0 || frame.Data.Length + 1 > _options.MaxDatagramFrameSize)
        {
            return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "a DATAGRAM frame is larger than was offered", now);
        }
        _datagramsReceived ??= new();
        while (_datagramBytesReceived + frame.Data.Length + DatagramOverhead > _options.DatagramReceiveBuffer && _datagramsReceived.Count > 0)
        {
            DropReceivedDatagram();
            DatagramsDropped++;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Data.Length);
        frame.Data.CopyTo(buffer);
        if (_datagramsReceived.Count == 0) { Raise(ConnectionEventKind.DatagramReceived); }
        _datagramsReceived.Enqueue(new(buffer, frame.Data.Length, 0));
        _datagramBytesReceived += frame.Data.Length + DatagramOverhead;
        return true;
    }

    private void DropReceivedDatagram()
    {
        var oldest = _datagramsReceived!.Dequeue();
        _datagramBytesReceived -= oldest.Length + DatagramOverhead;
        ArrayPool<byte>.Shared.Return(oldest.Buffer);
    }

    private bool WriteDatagrams(ref SpanWriter writer, ref SentPacket packet)
    {
        if (_datagramsToSend is null) { return false; }
        var any = false;
        while (_datagramsToSend.TryPeek(out var next) && FrameSize.Datagram(next.Length) <= writer.RemainingLength)
        {
            _datagramsToSend.Dequeue();
            _datagramBytesToSend -= next.Length + DatagramOverhead;
            FrameWriter.TryWriteDatagram(writer.Remaining, next.Buffer.AsSpan(0, next.Length), out var written);
            writer.Reserve(written);
            ArrayPool<byte>.Shared.Return(next.Buffer);
            if (next.Tag != 0) { Remember(ref packet, SentFrameKind.Datagram, next.Tag); }
            any = true;
        }
        // The path shrank below a datagram that was queued: it will never fit, and must not hold up the others.
        if (!any && _datagramsToSend.TryPeek(out var stuck) && stuck.Length > MaxDatagramLength)
        {
            _datagramsToSend.Dequeue();
            _datagramBytesToSend -= stuck.Length + DatagramOverhead;
            ArrayPool<byte>.Shared.Return(stuck.Buffer);
            if (stuck.Tag != 0) { Raise(ConnectionEventKind.DatagramLost, value: stuck.Tag); }
        }
        return any;
    }
}
