namespace Coco.Messages;

/// <summary>Messages that wait for an enumeration, each subject's in order. Under the journal's lock.</summary>
internal sealed class ReceivedQueue
{
    // Messages that one of a subject's enumerations gets stand under it, and else under no subject at all, in the order in which they came.
    private readonly Dictionary<string, LinkedList<ReceivedMessage>> _bySubject = new(StringComparer.Ordinal);
    private readonly LinkedList<ReceivedMessage> _others = new();
    private readonly List<MessageConsumer> _consumers = [];

    public IReadOnlyList<MessageConsumer> Consumers => _consumers;

    public IEnumerable<ReceivedMessage> All() => _bySubject.Values.Append(_others).SelectMany(static list => list);

    /// <summary>An enumeration that has room for a message at once, where none waits before it.</summary>
    public MessageConsumer? FindReady(string subject, int prefetch)
    {
        var isAsked = _bySubject.TryGetValue(subject, out var waiting);
        if ((isAsked ? waiting! : _others).Count > 0) { return null; }
        MessageConsumer? best = null;
        foreach (var consumer in _consumers)
        {
            if (consumer.Subject != (isAsked ? subject : null) || consumer.Taken.Count >= prefetch) { continue; }
            if (best is null || consumer.Taken.Count < best.Taken.Count) { best = consumer; }
        }
        return best;
    }

    public void Add(ReceivedMessage message) => ListOf(message.Subject).AddLast(message);

    /// <summary>Puts back what was taken, before what waits.</summary>
    public void PutBack(IReadOnlyList<ReceivedMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--) { ListOf(messages[i].Subject).AddFirst(messages[i]); }
    }

    public ReceivedMessage? TryTake(MessageConsumer consumer)
    {
        var list = consumer.Subject is { } subject ? _bySubject.GetValueOrDefault(subject) : _others;
        if (list?.First is not { } first) { return null; }
        list.RemoveFirst();
        return first.Value;
    }

    public void Remove(ReceivedMessage message) => ListOf(message.Subject).Remove(message);

    public void Add(MessageConsumer consumer)
    {
        _consumers.Add(consumer);
        if (consumer.Subject is not { } subject || _bySubject.ContainsKey(subject)) { return; }
        var asked = new LinkedList<ReceivedMessage>();
        for (var node = _others.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Subject == subject)
            {
                _others.Remove(node);
                asked.AddLast(node);
            }
            node = next;
        }
        _bySubject.Add(subject, asked);
    }

    public void Remove(MessageConsumer consumer)
    {
        _consumers.Remove(consumer);
        if (consumer.Subject is not { } subject || _consumers.Any(one => one.Subject == subject) || !_bySubject.Remove(subject, out var waiting)) { return; }
        foreach (var message in waiting) { _others.AddLast(message); }
    }

    /// <summary>Takes messages away, those too that enumerations have taken and not handed out.</summary>
    public void RemoveWhere(Func<ReceivedMessage, bool> condition, Action<ReceivedMessage> removed)
    {
        foreach (var list in _bySubject.Values.Append(_others))
        {
            for (var node = list.First; node is not null;)
            {
                var next = node.Next;
                if (condition(node.Value))
                {
                    list.Remove(node);
                    removed(node.Value);
                }
                node = next;
            }
        }
        foreach (var consumer in _consumers)
        {
            for (var i = consumer.Taken.Count; i > 0; i--)
            {
                var message = consumer.Taken.Dequeue();
                if (condition(message)) { removed(message); }
                else { consumer.Taken.Enqueue(message); }
            }
        }
    }

    private LinkedList<ReceivedMessage> ListOf(string subject) => _bySubject.GetValueOrDefault(subject) ?? _others;
}
