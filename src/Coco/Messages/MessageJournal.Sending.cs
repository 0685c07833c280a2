using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>Messages to others, from their storing to their receipts.</content>
internal sealed partial class MessageJournal
{
    /// <summary>Puts a message into its receiver's queue. It goes out when the task has ended.</summary>
    /// <exception cref="CocoException">There is no room.</exception>
    public SentMessage Send(NodeId to, string subject, byte[] subjectBytes, ReadOnlySpan<byte> data, TimeSpan timeToLive, out Task committed)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            var outbox = OutboxOf(to);
            if (outbox.Count >= _options.MaxQueued || _queuedBytes + data.Length > _options.MaxQueuedBytes)
            {
                throw new CocoException(CocoError.Overloaded, $"Too much waits to be delivered ({outbox.Count} messages to {to}, {_queuedBytes} bytes in all). Send more when some of it has arrived, or allow more in {nameof(MessageOptions)}.");
            }
            var now = NowMs;
            var message = new SentMessage(outbox, outbox.NextSequence, subject, data.Length, now, now + (long)timeToLive.TotalMilliseconds) { SubjectBytes = subjectBytes };
            var content = new MessageContent { Sequence = message.Sequence, SentAtMs = now, ExpiresMs = message.ExpiresMs, Subject = subjectBytes, Data = data };
            message.Number = AppendContent(JournalRecordKind.Sent, outbox.Channel, null, content, out committed, out var length);
            message.RecordLength = length;
            outbox.NextSequence++;
            if (KeepInMemory(data.Length)) { message.Data = data.ToArray(); }
            _queuedBytes += data.Length;
            outbox.Add(message);
            if (_log is null) { Sendable?.Invoke(outbox); }
            else { _awaitSending.Add(outbox); }
            return message;
        }
    }

    /// <summary>Writes what may be sent now, several messages at a time.</summary>
    /// <returns>How many were written.</returns>
    public int Collect(Outbox outbox, FrameBuffer frames, int maxBytes)
    {
        lock (_lock)
        {
            var (count, committed) = (0, CommittedThrough);
            while (frames.Length < maxBytes && outbox.PeekUnsent() is { } message && message.Number <= committed)
            {
                if (!message.IsSettled)
                {
                    if (outbox.UnacknowledgedCount >= _options.MaxUnacknowledged) { break; }
                    if (outbox.UnacknowledgedBytes > 0 && outbox.UnacknowledgedBytes + message.Length > _options.MaxUnacknowledgedBytes) { break; }
                    frames.WriteMessage(ContentOf(message));
                    count++;
                }
                outbox.MarkSent(message);
            }
            return count;
        }
    }

    /// <summary>The receiver has all up to a message on its disk.</summary>
    public void Acknowledge(Outbox outbox, ulong upTo)
    {
        List<Receipt>? receipts = null;
        lock (_lock)
        {
            upTo = Math.Min(upTo, outbox.NextSequence - 1);
            if (_isClosed || upTo <= outbox.Acknowledged) { return; }
            outbox.Acknowledged = upTo;
            var time = _time.GetUtcNow();
            while (outbox.Oldest is { } oldest && oldest.Sequence <= upTo)
            {
                outbox.TakeOldest();
                if (oldest.IsSettled) { continue; }
                Forget(oldest);
                oldest.Settle(ReceiptStatus.Delivered, time);
                if (Settled is not null) { (receipts ??= []).Add(new(oldest.Id, oldest.To, ReceiptStatus.Delivered, time)); }
            }
            Append(JournalRecordKind.Acknowledged, outbox.Channel, upTo, isUrgent: false, out _);
        }
        foreach (var receipt in receipts ?? []) { Settled?.Invoke(receipt); }
    }

    /// <summary>A stream begins: the receiver says what it has. False where that is more than was ever sent: this node's store is an older copy of what it
    /// was, and goes on under another lineage, for what it sends would be taken for what it has sent.</summary>
    public bool TryResume(Outbox outbox, ulong upTo)
    {
        lock (_lock)
        {
            outbox.Rewind();
            if (upTo < outbox.NextSequence) { return true; }
            outbox.Lineage = NewLineage();
            outbox.Generation++;
            AppendOutChannel(outbox);
            return false;
        }
    }

    /// <summary>Gives up what is too old. Costs nothing where nothing is.</summary>
    public void Expire()
    {
        List<Outbox> due = [];
        lock (_lock)
        {
            if (_isClosed) { return; }
            ExpireKept();
            var now = NowMs;
            foreach (var outbox in _outboxes.Values)
            {
                if (outbox.NextExpiry <= now) { due.Add(outbox); }
            }
        }
        foreach (var outbox in due) { Expire(outbox, isAll: false); }
    }

    /// <summary>The receiver was removed from the network: gives up all that waits for it.</summary>
    public void GiveUp(NodeId receiver)
    {
        Outbox? outbox;
        lock (_lock) { outbox = _outboxes.GetValueOrDefault(receiver); }
        if (outbox is not null) { Expire(outbox, isAll: true); }
    }

    /// <summary>The next messages for a mailbox, and the one before each that is still of use.</summary>
    /// <param name="outbox">The receiver's.</param>
    /// <param name="after">Those behind this one.</param>
    /// <param name="sentBefore">Those that wait since then.</param>
    public List<(SentMessage Message, ulong Previous, byte[] Data)> CollectDeposits(Outbox outbox, ulong after, DateTimeOffset sentBefore)
    {
        const int MaxBytes = 1 << 20;
        List<(SentMessage, ulong, byte[])> result = [];
        lock (_lock)
        {
            var (previous, bytes, committed) = (0ul, 0, CommittedThrough);
            foreach (var message in outbox.All())
            {
                if (message.IsSettled) { continue; }
                if (message.Number > committed || message.SentAt > sentBefore || bytes >= MaxBytes) { break; }
                if (message.Sequence > after)
                {
                    result.Add((message, previous, message.Data ?? ReadData(message.Number)));
                    bytes += message.Length;
                }
                previous = message.Sequence;
            }
        }
        return result;
    }

    /// <summary>All queues with something in them.</summary>
    public Outbox[] Waiting()
    {
        lock (_lock) { return [.. _outboxes.Values.Where(static outbox => outbox.Count > 0)]; }
    }

    public (int Count, ulong Lineage) StateOf(Outbox outbox)
    {
        lock (_lock) { return (outbox.Count, outbox.Lineage); }
    }

    /// <summary>What waits for a receiver.</summary>
    public Outbox? Find(NodeId receiver)
    {
        lock (_lock) { return _outboxes.GetValueOrDefault(receiver); }
    }

    private void Expire(Outbox outbox, bool isAll)
    {
        List<Receipt> receipts = [];
        lock (_lock)
        {
            if (_isClosed) { return; }
            var (now, time, committed) = (NowMs, _time.GetUtcNow(), CommittedThrough);
            outbox.NextExpiry = long.MaxValue;
            foreach (var message in outbox.All())
            {
                if (message.IsSettled) { continue; }
                if (message.Number <= committed && (isAll || message.ExpiresMs <= now))
                {
                    Forget(message);
                    Append(JournalRecordKind.Settled, outbox.Channel, message.Sequence, isUrgent: false, out _);
                    message.Settle(ReceiptStatus.Expired, time);
                    receipts.Add(new(message.Id, message.To, ReceiptStatus.Expired, time));
                }
                else if (message.ExpiresMs < outbox.NextExpiry) { outbox.NextExpiry = message.ExpiresMs; }
            }
            while (outbox.Oldest is { IsSettled: true }) { outbox.TakeOldest(); }
        }
        foreach (var receipt in receipts) { Settled?.Invoke(receipt); }
    }

    private void Forget(SentMessage message)
    {
        _queuedBytes -= message.Length;
        if (message.Data is { } data) { _memory -= data.Length; }
        message.Data = null;
        _log?.Release(message.Number, message.RecordLength);
    }

    private Outbox OutboxOf(NodeId to)
    {
        if (_outboxes.TryGetValue(to, out var outbox)) { return outbox; }
        outbox = new(to, _nextChannel, NewLineage());
        AppendOutChannel(outbox);
        _nextChannel++;
        _outboxes.Add(to, outbox);
        return outbox;
    }

    private MessageContent ContentOf(SentMessage message) => new()
    {
        Sequence = message.Sequence, SentAtMs = message.SentAtMs, ExpiresMs = message.ExpiresMs,
        Subject = message.SubjectBytes, Data = message.Data ?? ReadData(message.Number),
    };

    private void AppendOutChannel(Outbox outbox)
    {
        Span<byte> record = stackalloc byte[1 + (4 * VarInt.MaxLength) + NodeId.Size + sizeof(ulong)];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)JournalRecordKind.OutChannel);
        writer.WriteVarInt((ulong)outbox.Channel);
        writer.WriteVarInt(outbox.Generation);
        outbox.Peer.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteUInt64(outbox.Lineage);
        writer.WriteVarInt(outbox.NextSequence);
        writer.WriteVarInt(outbox.Acknowledged);
        Append(writer.Written, default, isNeeded: false, isUrgent: true, out _);
    }

    private static ulong NewLineage()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
