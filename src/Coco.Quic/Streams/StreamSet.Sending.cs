using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    /// <summary>Bytes, or an end, can be sent now under all limits.</summary>
    public bool HasData => _scheduler.HasRetransmit || (_scheduler.HasFresh && _sent < _sendLimit);

    /// <summary>
    /// Writes one whole STREAM frame of the stream whose turn it is; false when none has data or it does not fit. The length is
    /// left out when the frame fills the rest of the packet, which the caller says this is.
    /// </summary>
    public bool TryWriteStreamFrame(Span<byte> destination, bool lastInPacket, out StreamFrameSent sent, out int written)
    {
        sent = default;
        written = 0;
        if (destination.IsEmpty || _scheduler.Pick(_sent < _sendLimit) is not { } entry) { return false; }

        var send = entry.Send!;
        var range = send.NextRange(_sendLimit - _sent);
        var available = (int)Math.Min(range.Length, destination.Length);
        if (!lastInPacket && !LeaveRoomForLength(destination.Length, entry.Id, range, ref available)) { return false; }
        var fin = send.IsFinAt(range.Start + available);
        if (!FrameWriter.TryWriteStreamHeader(
            destination, (ulong)entry.Id, (ulong)range.Start, available, fin, out var header, out var length))
        {
            return false;
        }
        fin &= length == available;
        written = header + length;
        send.Buffer.CopyTo(range.Start, destination.Slice(header, length));

        sent = new(entry.Id, (ulong)range.Start, length, fin);
        _sent += Math.Max(0, range.Start + length - send.Buffer.Next);
        send.OnSent(range.Start, length, fin);
        UpdateSending(entry);
        _scheduler.OnSent(entry, length);
        return true;
    }

    /// <summary>The packet that carried the frame was acknowledged.</summary>
    public void OnAcked(in StreamFrameSent sent)
    {
        if (Find(sent.Id) is not { Send: { } send } entry) { return; }

        var hadLost = send.HasRetransmit;
        var wasTerminal = send.IsTerminal;
        send.OnAcked(sent, _pool);
        if (hadLost) { UpdateSending(entry); }
        UpdateBuffering(entry);
        // A quarter free: less would wake the writer per packet, more would let the buffer run dry while it is woken.
        if (send.WantsWritable && send.Buffer.Buffered <= ShareOf(send) / 4 * 3)
        {
            send.WantsWritable = false;
            if (send.CanWrite) { Raise(entry, StreamEventKind.Writable); }
        }
        if (send.IsTerminal && !wasTerminal)
        {
            Raise(entry, StreamEventKind.SendFinished);
            CheckEnded(entry);
        }
    }

    /// <summary>
    /// The packet that carried the frame was declared lost: its bytes go out again, unless they arrived otherwise.
    /// </summary>
    public void OnLost(in StreamFrameSent sent)
    {
        if (Find(sent.Id) is not { Send: { } send } entry) { return; }
        send.OnLost(sent);
        UpdateSending(entry);
    }

    // A frame that does not fill its room is given a length.
    private static bool LeaveRoomForLength(int room, long id, ByteRange range, ref int available)
    {
        room -= 1 + VarInt.Length((ulong)id) + (range.Start == 0 ? 0 : VarInt.Length((ulong)range.Start)) + 1;
        available = Math.Min(available, room);
        return available > 0 || (available == 0 && range.Length == 0);
    }

    // After whatever changes what a stream can send.
    private void UpdateSending(StreamEntry entry)
    {
        _scheduler.Update(entry);
        var send = entry.Send!;
        if (send.IsBlocked && send.BlockedAt != send.Limit)
        {
            // RFC 9000 §4.1: SHOULD say so; once per limit is enough.
            send.BlockedAt = send.Limit;
            QueueControl(entry, PendingControl.StreamDataBlocked);
        }
        if (_sent >= _sendLimit) { CheckConnectionBlocked(); }
    }

    private void CheckConnectionBlocked()
    {
        if (_sent >= _sendLimit && _scheduler.HasFresh && _blockedAt != _sendLimit)
        {
            _blockedAt = _sendLimit;
            _control |= PendingControl.DataBlocked;
        }
    }
}
