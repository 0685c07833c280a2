namespace Coco.Mqtt.Sessions;

/// <content>What was kept by an earlier process.</content>
internal sealed partial class Broker
{
    public void RestoreRetained(Message message)
    {
        _retained.Set(message.Topic, message);
        _retainedSize += message.Size;
    }

    /// <summary>Puts sessions and their subscriptions back, before the first client connects.</summary>
    public void Restore(IEnumerable<Session> sessions, IEnumerable<Subscription> subscriptions)
    {
        foreach (var session in sessions)
        {
            _sessions.Add(session.ClientId, session);
            _lastSession = Math.Max(_lastSession, session.Number);
            Wait(session.Deadline);
        }
        foreach (var subscription in subscriptions) { _ = JoinAsync(Add(subscription)); }
    }

    private async Task JoinAsync(ValueTask<IReadOnlyList<Message>> joining)
    {
        var messages = await joining.ConfigureAwait(false);
        if (messages.Count > 0) { post(_ => Retain(messages)); }
    }
}
