using Coco.Quic.Packets;

namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    // RFC 9000 §19.8: 0b00001 and the bits OFF, LEN and FIN, then the id, [offset], [length] and data.
    private const byte StreamType = 0x08;
    private const byte OffsetBit = 0x04;
    private const byte LengthBit = 0x02;
    private const byte FinBit = 0x01;

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
        if (_scheduler.Pick(_sent < _sendLimit) is not { } entry) { return false; }

        var send = entry.Send!;
        var range = send.NextRange(_sendLimit - _sent);
        var header = 1 + VarInt.Length((ulong)entry.Id) + (range.Start == 0 ? 0 : VarInt.Length((ulong)range.Start));
        if (!TryFit(destination.Length - header, range.Length, lastInPacket, out var length, out var lengthField)) { return false; }

        var fin = send.IsFinAt(range.Start + length);
        WriteHeader(destination, entry.Id, range.Start, length, lengthField, fin);
        written = header + lengthField + length;
        send.Buffer.CopyTo(range.Start, destination.Slice(header + lengthField, length));

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
        if (send.WantsWritable && send.Buffer.Buffered <= SendBufferShare / 4 * 3)
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

    /// <summary>The packet that carried the frame was declared lost: its bytes go out again, unless they arrived otherwise.</summary>
    public void OnLost(in StreamFrameSent sent)
    {
        if (Find(sent.Id) is not { Send: { } send } entry) { return; }
        send.OnLost(sent);
        UpdateSending(entry);
    }

    private static bool TryFit(int room, long available, bool lastInPacket, out int length, out int lengthField)
    {
        lengthField = 0;
        length = room;
        if (lastInPacket && available >= room) { return room > 0; }

        length = (int)Math.Min(available, room - 1);
        if (length < 0) { return false; }
        lengthField = VarInt.Length((ulong)length);
        length = (int)Math.Min(available, room - lengthField);
        return length > 0 || available == 0;
    }

    private static void WriteHeader(Span<byte> destination, long id, long offset, int length, int lengthField, bool fin)
    {
        destination[0] = (byte)(StreamType | (offset != 0 ? OffsetBit : 0) | (lengthField != 0 ? LengthBit : 0) | (fin ? FinBit : 0));
        var position = 1 + VarInt.Write(destination[1..], (ulong)id);
        if (offset != 0) { position += VarInt.Write(destination[position..], (ulong)offset); }
        if (lengthField != 0) { VarInt.WriteWithLength(destination[position..], (ulong)length, lengthField); }
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
