using Coco.Mqtt.Bus;

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
    /// <param name="sessions">The sessions.</param>
    /// <param name="subscriptions">Their subscriptions.</param>
    /// <param name="seen">By filter, the numbers of messages that came from other edges.</param>
    public void Restore(IEnumerable<Session> sessions, IEnumerable<Subscription> subscriptions, IReadOnlyDictionary<string, SeenRows> seen)
    {
        foreach (var session in sessions)
        {
            _sessions.Add(session.ClientId, session);
            if (IsOfGroup(session.ClientId)) { _ofGroups.Add(session); }
            _lastSession = Math.Max(_lastSession, session.Number);
            Wait(session.Deadline);
        }
        foreach (var subscription in subscriptions) { _ = JoinAsync(Add(subscription, seen.GetValueOrDefault(subscription.Filter.Filter))); }
    }

    /// <summary>Sends other edges what they may not have got before. They know by its number whether they have.</summary>
    public void RestoreOutgoing(Message message) => _ = AnnounceAgainAsync(message);

    private async Task AnnounceAgainAsync(Message message)
    {
        await bus.WhenConnectedAsync().ConfigureAwait(false);
        post(_ => PublishAgain(message));
    }

    private void PublishAgain(Message message) => _ = PublishAgainAsync(message);

    private async Task PublishAgainAsync(Message message)
    {
        await bus.PublishAsync(message).ConfigureAwait(false);
        post(_ => log.RemoveOutgoing(message));
    }

    private async Task JoinAsync(Task<BusSubscription> joining)
    {
        var joined = await joining.ConfigureAwait(false);
        if (joined.Retained.Count > 0) { post(_ => Retain(joined.Retained)); }
    }
}
