namespace Coco.Messages;

/// <content>Handing out to the app.</content>
internal sealed partial class MessageJournal
{
    public MessageConsumer Consume(string? subject)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            var consumer = new MessageConsumer(subject);
            _queue.Add(consumer);
            return consumer;
        }
    }

    /// <summary>The next message for an enumeration; null where it has to wait for its signal.</summary>
    public ReceivedMessage? TryTake(MessageConsumer consumer)
    {
        ReceivedMessage message;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (consumer.Taken.Count <= _options.Prefetch / 2) { TakeMore(consumer); }
            if (!consumer.Taken.TryPeek(out var next)) { return null; }
            if (next.HandedOutNumber > CommittedThrough)
            {
                _awaitCommit.Add(consumer.Signal);
                return null;
            }
            message = consumer.Taken.Dequeue();
            if (!message.IsRequest) { consumer.HandedOut.Add(message); }
        }
        if (!message.HasData) { message.SetData(ReadData(message.Number)); }
        return message;
    }

    /// <summary>An enumeration ends: what it has not completed is handed out again, to another or to the next.</summary>
    public void End(MessageConsumer consumer)
    {
        lock (_lock)
        {
            consumer.IsOver = true;
            consumer.Signal.Close();
            _queue.Remove(consumer);
            foreach (var message in consumer.HandedOut) { message.IsRedelivered = true; }
            var back = consumer.HandedOut.OrderBy(static message => message.HandedOutNumber).ThenBy(static message => message.Sequence).Concat(consumer.Taken).ToArray();
            foreach (var message in back) { message.Consumer = null; }
            _queue.PutBack(back);
            consumer.Taken.Clear();
            consumer.HandedOut.Clear();
            WakeConsumers();
        }
    }

    /// <summary>A request, which is not stored, for whoever takes its subject.</summary>
    public void Add(ReceivedMessage request)
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            if (_queue.FindReady(request.Subject, _options.Prefetch) is { } consumer)
            {
                consumer.Taken.Enqueue(request);
                consumer.Signal.Set();
            }
            else { _queue.Add(request); }
        }
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Withdraw(ReceivedMessage request)
    {
        lock (_lock) { _queue.RemoveWhere(one => one == request, static _ => { }); }
    }

    // That they were handed out is on the disk before they are, so that a program which was killed meanwhile is told.
    private void TakeMore(MessageConsumer consumer)
    {
        while (consumer.Taken.Count < _options.Prefetch && _queue.TryTake(consumer) is { } message)
        {
            if (message.Inbox is not { } inbox)
            {
                consumer.Taken.Enqueue(message);
                continue;
            }
            var isKnown = message.IsRedelivered || message.HandedOutNumber > 0;
            var number = isKnown ? message.HandedOutNumber : Append(JournalRecordKind.HandedOut, inbox.Channel, message.Sequence, isUrgent: true, out _);
            Give(consumer, message, number);
        }
    }

    private void WakeConsumers()
    {
        foreach (var consumer in _queue.Consumers)
        {
            if (consumer.Taken.Count == 0) { consumer.Signal.Set(); }
        }
    }
}
