using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>
/// What a member of a group leaves behind when its session ends (MQTT 5.0, 4.8.2): it goes to another member, and where there is none it waits for the next one that
/// subscribes here, as the group's own session: named as its subscription, never connected, and kept in the store as others are.
/// </content>
internal sealed partial class Broker
{
    private const string GroupPrefix = "$share/";

    // Chosen: as long as a mailbox keeps a message for a node that is away.
    private static readonly TimeSpan GroupTime = TimeSpan.FromDays(30);

    private readonly HashSet<Session> _ofGroups = [];

    private static bool IsOfGroup(string clientId) => clientId.StartsWith(GroupPrefix, StringComparison.Ordinal);

    // With QoS 1 what was sent and is not acknowledged, too. With QoS 2 a member may have it, and nobody else may get it [MQTT-4.8.2-5].
    private List<(TopicFilter Group, Message Message)> LeftOf(Session session)
    {
        if (_ofGroups.Contains(session)) { return []; } // waited too long
        var sent = session.InFlight.Values.Where(static delivery => delivery.Qos is Qos.AtLeastOnce).OrderBy(static delivery => delivery.Order);
        var left = new List<(TopicFilter, Message)>();
        foreach (var delivery in sent.Concat(session.Waiting))
        {
            if (GroupOf(session, delivery) is { } group) { left.Add((group, delivery.Message)); }
        }
        return left;
    }

    // The store does not tell for which of its subscriptions a session was to get a message; where only one fits it was that.
    private static TopicFilter? GroupOf(Session session, Delivery delivery)
    {
        if (delivery.Group is { } known) { return new($"{GroupPrefix}{known.Name}/{known.Filter}", known.Name, known.Filter); }
        if (!delivery.IsRestored) { return null; }
        TopicFilter? found = null;
        foreach (var subscription in session.Subscriptions.Values)
        {
            if (!TopicFilter.Matches(subscription.Filter.Filter, delivery.Message.Topic)) { continue; }
            if (!subscription.Filter.IsShared || found is not null) { return null; }
            found = subscription.Filter;
        }
        return found;
    }

    private ShareGroup? FindGroup(TopicFilter filter) => _subscribers.Find(filter.Filter)?.Groups.Find(group => string.Equals(group.Name, filter.Group, StringComparison.Ordinal));

    private void HandOn(TopicFilter filter, Message message, TimeSpan now)
    {
        if (message.IsExpiredAt(now)) { return; }
        if (FindGroup(filter) is { } group) { DeliverToOne(group, message, now); }
        else { KeepForGroup(filter, message, now); }
    }

    private void KeepForGroup(TopicFilter filter, Message message, TimeSpan now)
    {
        if (!_sessions.TryGetValue(filter.Text, out var kept))
        {
            if (_sessions.Count >= options.MaxSessions) { Dropped++; return; }
            kept = NewSession(filter.Text, (uint)GroupTime.TotalSeconds);
            kept.ExpirySeconds = (uint)GroupTime.TotalSeconds;
            _ofGroups.Add(kept);
        }
        if (kept.LostAt != now)
        {
            kept.LostAt = now;
            log.Save(kept);
            Wait(kept.Deadline);
        }
        Deliver(kept, message, message.Qos, isRetained: false, [], null, now);
    }

    // A session has subscribed: what waits for groups that it is a member of now, and there is room for.
    private void GiveToMembers(Session member, TimeSpan now)
    {
        if (_ofGroups.Count == 0) { return; }
        foreach (var kept in _ofGroups.Where(kept => member.Subscriptions.ContainsKey(kept.ClientId)).ToList())
        {
            var group = FindGroup(member.Subscriptions[kept.ClientId].Filter)!;
            while (kept.Waiting.Count > 0 && group.Members.Exists(static one => one.HasRoom))
            {
                var delivery = kept.Dequeue();
                log.Remove(kept, delivery);
                if (!delivery.Message.IsExpiredAt(now)) { DeliverToOne(group, delivery.Message, now); }
            }
            if (kept.Waiting.Count == 0) { End(kept, now); }
        }
    }
}
