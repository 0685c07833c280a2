using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>Messages from others, from their coming to their completion.</content>
internal sealed partial class MessageJournal
{
    /// <summary>A sender's stream begins, and an earlier one of its is over.</summary>
    /// <param name="sender">Who.</param>
    /// <param name="lineage">Which of its.</param>
    /// <param name="signal">Told of what comes to be stored.</param>
    /// <param name="epoch">For <see cref="Receive"/>.</param>
    /// <param name="upTo">All up to this one are on the disk.</param>
    public Inbox Begin(NodeId sender, ulong lineage, AsyncSignal signal, out int epoch, out ulong upTo)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            var inbox = InboxOf(sender, lineage);
            inbox.Signal?.Close();
            inbox.Signal = signal;
            inbox.Epoch++;
            (epoch, upTo) = (inbox.Epoch, StoredUpTo(inbox));
            if (inbox.Steps.Count > 0) { AwaitCommit(signal); } // what a mailbox brought is on its way to the disk, and the sender wants to know too
            return inbox;
        }
    }

    /// <summary>A message came on a stream. False where the stream is over.</summary>
    public bool Receive(Inbox inbox, int epoch, in MessageContent content)
    {
        lock (_lock)
        {
            if (_isClosed || inbox.Epoch != epoch) { return false; }
            Take(inbox, content);
            return true;
        }
    }

    /// <summary>A message came by a mailbox. False where it cannot be taken now.</summary>
    public bool TryReceive(NodeId sender, ulong lineage, in MessageContent content)
    {
        lock (_lock)
        {
            if (_isClosed || _receivedBytes >= _options.MaxReceivedBytes) { return false; }
            var inbox = InboxOf(sender, lineage);
            return inbox.Count < _options.MaxReceived && Take(inbox, content);
        }
    }

    /// <summary>Ends when all that was taken so far is on the disk.</summary>
    public Task FlushAsync() => StoredAsync(_log?.FlushAsync() ?? Task.CompletedTask);

    /// <summary>Whether there is room for more of a sender's.</summary>
    public bool HasRoom(Inbox inbox)
    {
        lock (_lock) { return inbox.Count < _options.MaxReceived && _receivedBytes < _options.MaxReceivedBytes; }
    }

    /// <summary>All up to which message is on the disk, and can be acknowledged.</summary>
    public ulong StoredUpToOf(Inbox inbox)
    {
        lock (_lock)
        {
            var upTo = StoredUpTo(inbox);
            if (inbox.Steps.Count > 0) { AwaitCommit(inbox.Signal); }
            return upTo;
        }
    }

    /// <summary>The app is done with a message.</summary>
    public void Complete(ReceivedMessage message, bool isUrgent, out Task committed)
    {
        lock (_lock)
        {
            committed = Task.CompletedTask;
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (message.IsCompleted)
            {
                if (isUrgent) { committed = _log?.FlushAsync() ?? committed; }
                return;
            }
            var inbox = message.Inbox!;
            Append(JournalRecordKind.Completed, inbox.Channel, message.Sequence, isUrgent, out committed);
            message.IsCompleted = true;
            _log?.Release(message.Number, message.RecordLength);
            if (message.Consumer is { } consumer) { consumer.HandedOut.Remove(message); }
            else { _queue.Remove(message); }
            Forget(inbox, message);
        }
    }

    // Under the lock.
    private bool Take(Inbox inbox, in MessageContent content)
    {
        inbox.UsedAt = NowMs;
        if (content.Sequence <= inbox.UpTo || inbox.Ahead.ContainsKey(content.Sequence)) { return true; } // it came before
        var isNext = content.Previous <= inbox.UpTo;
        if (!isNext && inbox.Ahead.Count >= _options.MaxReceived) { return false; }
        var message = new ReceivedMessage(_messages, inbox, content.Sequence, inbox.SubjectOf(content.Subject), content.Data.Length, content.SentAtMs) { Previous = content.Previous };
        var consumer = isNext && inbox.Ahead.Count == 0 ? _queue.FindReady(message.Subject, _options.Prefetch) : null;
        message.Number = AppendContent(JournalRecordKind.Received, inbox.Channel, (byte)(consumer is null ? 0 : 1), content, out _, out var length);
        message.RecordLength = length;
        if (KeepInMemory(content.Data.Length)) { message.SetData(content.Data.ToArray()); }
        inbox.Count++;
        inbox.Bytes += message.Length;
        _receivedBytes += message.Length;
        AwaitCommit(inbox.Signal);
        if (!isNext || inbox.Ahead.Count > 0) { inbox.Ahead.Add(message.Sequence, message); }
        if (isNext) { MoveUp(inbox, message, consumer); }
        return true;
    }

    // A message that waits for none, and those that waited for it.
    private void MoveUp(Inbox inbox, ReceivedMessage message, MessageConsumer? consumer)
    {
        if (inbox.Ahead.Count == 0)
        {
            if (consumer is not null) { Give(consumer, message, message.Number); }
            else { _queue.Add(message); }
        }
        inbox.UpTo = message.Sequence;
        while (inbox.Ahead.Count > 0 && inbox.Ahead.First() is var (sequence, next) && (sequence <= inbox.UpTo || next.Previous <= inbox.UpTo))
        {
            inbox.Ahead.Remove(sequence);
            inbox.UpTo = Math.Max(inbox.UpTo, sequence);
            _queue.Add(next);
        }
        WakeConsumers();
        if (_log is null) { inbox.StoredUpTo = inbox.UpTo; }
        else { inbox.Steps.Enqueue((message.Number, inbox.UpTo)); }
    }

    private void Give(MessageConsumer consumer, ReceivedMessage message, long number)
    {
        message.HandedOutNumber = number;
        message.Consumer = consumer;
        consumer.Taken.Enqueue(message);
        AwaitCommit(consumer.Signal);
    }

    private void AwaitCommit(AsyncSignal? signal)
    {
        if (signal is null) { return; }
        if (_log is null) { signal.Set(); }
        else { _awaitCommit.Add(signal); }
    }

    private ulong StoredUpTo(Inbox inbox)
    {
        var committed = CommittedThrough;
        while (inbox.Steps.TryPeek(out var step) && step.Number <= committed)
        {
            inbox.Steps.Dequeue();
            inbox.StoredUpTo = step.UpTo;
        }
        return inbox.StoredUpTo;
    }

    // Under the lock: these records are not on the disk.
    private void TakeBack(Inbox inbox, long first)
    {
        StoredUpTo(inbox);
        if (inbox.Steps.Count == 0) { return; }
        var lost = inbox.Steps.Any(step => step.Number >= first);
        inbox.Steps.Clear();
        if (!lost) { return; }
        inbox.UpTo = inbox.StoredUpTo;
        inbox.Epoch++;
        inbox.Signal?.Close(); // the stream is of no use any more: the sender begins another, from what is stored on
        inbox.Signal = null;
        foreach (var (sequence, message) in inbox.Ahead.ToArray())
        {
            if (message.Number < first) { continue; }
            inbox.Ahead.Remove(sequence);
            Forget(inbox, message);
        }
        _queue.RemoveWhere(message => message.Inbox == inbox && message.Number >= first, message => Forget(inbox, message));
    }

    private void Forget(Inbox inbox, ReceivedMessage message)
    {
        inbox.Count--;
        inbox.Bytes -= message.Length;
        _receivedBytes -= message.Length;
        if (message.HasData) { _memory -= message.Length; }
        inbox.Signal?.Set(); // who waits for room
    }

    private Inbox InboxOf(NodeId sender, ulong lineage)
    {
        if (_inboxes.TryGetValue((sender, lineage), out var inbox)) { return inbox; }
        ForgetSilent(sender);
        inbox = new(sender, lineage, _nextChannel) { UsedAt = NowMs };
        AppendInChannel(inbox);
        _nextChannel++;
        _inboxes.Add((sender, lineage), inbox);
        return inbox;
    }

    // A sender has a lineage, and another where its store was put back or lost.
    private void ForgetSilent(NodeId sender)
    {
        const int MaxLineages = 4;
        var own = _inboxes.Values.Where(inbox => inbox.Sender == sender).ToArray();
        var candidates = own.Length >= MaxLineages ? own : _inboxes.Count >= _options.MaxSenders ? [.. _inboxes.Values] : [];
        var silent = candidates.Where(static inbox => inbox.Count == 0 && inbox.Steps.Count == 0).MinBy(static inbox => inbox.UsedAt);
        if (silent is not null) { _inboxes.Remove((silent.Sender, silent.Lineage)); }
        else if (candidates.Length > 0) { throw new CocoException(CocoError.Overloaded, "Messages of too many senders wait here."); }
    }

    private void AppendInChannel(Inbox inbox)
    {
        Span<byte> record = stackalloc byte[1 + (2 * VarInt.MaxLength) + NodeId.Size + sizeof(ulong)];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)JournalRecordKind.InChannel);
        writer.WriteVarInt((ulong)inbox.Channel);
        inbox.Sender.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteUInt64(inbox.Lineage);
        writer.WriteVarInt(inbox.UpTo);
        Append(writer.Written, default, isNeeded: false, isUrgent: true, out _);
    }
}
