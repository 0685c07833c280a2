using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>Subscriptions (MQTT 5.0, 3.8 to 3.11 and 4.8).</content>
internal sealed partial class Broker
{
    private void HandleSubscribe(Client client, Session session, SubscribePacket packet, TimeSpan now)
    {
        // [MQTT-3.8.3-4]
        if (packet.Requests.Any(static request => request.Options.IsNoLocal && request.Filter.StartsWith("$share/", StringComparison.Ordinal)))
        {
            Refuse(client, ReasonCode.ProtocolError, now);
            return;
        }
        var identifier = packet.Properties is { SubscriptionIdentifiers: [var first, ..] } ? first : 0;
        var reasons = new ReasonCode[packet.Requests.Count];
        var wanted = new List<Subscription>();
        List<(int At, Subscription Subscription, Task<BusSubscription> Task)>? joining = null;
        for (var at = 0; at < reasons.Length; at++)
        {
            reasons[at] = Subscribe(session, packet.Requests[at], identifier, wanted, out var joined);
            if (joined is { } task) { (joining ??= []).Add((at, session.Subscriptions[packet.Requests[at].Filter], task)); }
        }
        var suback = new SubackPacket(PacketType.Suback, packet.PacketId) { Reasons = reasons };
        if (joining is null)
        {
            Confirm(client, suback, wanted, now);
            return;
        }
        _ = ConfirmLaterAsync(joining, client, suback, reasons, wanted);
    }

    // The retained values of other edges come with their answer; then the client is told that it has subscribed.
    private async Task ConfirmLaterAsync(
        List<(int At, Subscription Subscription, Task<BusSubscription> Task)> joining, Client client, SubackPacket suback, ReasonCode[] reasons, List<Subscription> wanted)
    {
        await Task.WhenAll(joining.Select(static one => one.Task)).ConfigureAwait(false);
        post(now =>
        {
            foreach (var (at, subscription, task) in joining)
            {
                var joined = task.Result;
                Retain(joined.Retained);
                if (joined.Reason is ReasonCode.Success) { continue; }
                reasons[at] = joined.Reason;
                wanted.Remove(subscription);
                if (subscription.Session.Subscriptions.ContainsValue(subscription))
                {
                    log.Remove(subscription);
                    Remove(subscription);
                }
            }
            // [MQTT-3.10.4-2]: who has unsubscribed meanwhile gets nothing.
            wanted.RemoveAll(static one => one.Session.Subscriptions.GetValueOrDefault(one.Filter.Text) != one);
            if (!client.IsClosed) { Confirm(client, suback, wanted, now); }
        });
    }

    private void Confirm(Client client, SubackPacket suback, List<Subscription> wanted, TimeSpan now)
    {
        client.Answer(suback, client.Session is { IsKept: true } ? log.Last : 0); // [MQTT-3.8.4-1]
        foreach (var subscription in wanted) { SendRetained(subscription, now); }
        if (client.Session is { } session) { GiveToMembers(session, now); }
        Touch(client);
    }

    private ReasonCode Subscribe(Session session, SubscriptionRequest request, int identifier, List<Subscription> wanted, out Task<BusSubscription>? joined)
    {
        joined = null;
        if (!TopicFilter.TryParse(request.Filter, out var filter)) { return ReasonCode.TopicFilterInvalid; }
        if (filter.Filter.StartsWith("$coco/", StringComparison.Ordinal)) { return ReasonCode.NotAuthorized; } // what edges tell each other is for no client, whatever its node may
        if (!IsStatus(filter.Filter) && bus.CheckSubscribe(filter.Filter) is not ReasonCode.Success and var refusal) { return refusal; }
        var isNew = !session.Subscriptions.TryGetValue(request.Filter, out var subscription);
        if (isNew && session.Subscriptions.Count >= options.MaxSubscriptions) { return ReasonCode.QuotaExceeded; }
        subscription ??= new(session, filter);
        (subscription.Options, subscription.Identifier) = (request.Options, identifier); // [MQTT-3.8.4-3]
        if (isNew && Add(subscription) is { IsCompletedSuccessfully: false } joining) { joined = joining; }
        log.Save(subscription);
        // [MQTT-3.3.1-9] to [MQTT-3.3.1-11]; shared ones get none (4.8.2)
        if (!filter.IsShared && (request.Options.RetainHandling is RetainHandling.Always || (isNew && request.Options.RetainHandling is RetainHandling.IfNew)))
        {
            wanted.Add(subscription);
        }
        return (ReasonCode)request.Options.MaximumQos;
    }

    private void HandleUnsubscribe(Client client, Session session, UnsubscribePacket packet)
    {
        var reasons = new ReasonCode[packet.Filters.Count];
        for (var at = 0; at < reasons.Length; at++)
        {
            var isFound = session.Subscriptions.TryGetValue(packet.Filters[at], out var subscription); // [MQTT-3.10.4-1]: character by character
            reasons[at] = isFound ? ReasonCode.Success
                : TopicFilter.TryParse(packet.Filters[at], out _) ? ReasonCode.NoSubscriptionExisted : ReasonCode.TopicFilterInvalid;
            if (!isFound) { continue; }
            log.Remove(subscription!);
            Remove(subscription!);
        }
        client.Answer(new SubackPacket(PacketType.Unsuback, packet.PacketId) { Reasons = reasons }, session.IsKept ? log.Last : 0);
    }

    private Task<BusSubscription> Add(Subscription subscription, SeenRows? restored = null)
    {
        var filter = subscription.Filter;
        subscription.Session.Subscriptions.Add(filter.Text, subscription);
        var set = _subscribers.Find(filter.Filter);
        var isFirst = set is null;
        if (set is null) { _subscribers.Set(filter.Filter, set = new(filter.Filter) { SeenCount = restored?.Count ?? 0 }); }
        set.Add(subscription);
        Share(filter, set);
        CountStatus(filter, 1);
        return isFirst && !IsStatus(filter.Filter) ? bus.SubscribeAsync(filter.Filter, restored?.Numbers ?? []) : BusSubscription.Nothing;
    }

    private void Remove(Subscription subscription)
    {
        var filter = subscription.Filter;
        subscription.Session.Subscriptions.Remove(filter.Text);
        if (_subscribers.Find(filter.Filter) is not { } set) { return; }
        set.Remove(subscription);
        CountStatus(filter, -1);
        Share(filter, set);
        if (!set.IsEmpty) { return; }
        _subscribers.Remove(filter.Filter);
        log.RemoveSeen(filter.Filter, set.SeenCount);
        if (!IsStatus(filter.Filter)) { bus.Unsubscribe(filter.Filter); }
    }

    private void Share(TopicFilter filter, SubscriberSet set)
    {
        if (filter.Group is not { } name || IsStatus(filter.Filter)) { return; }
        var group = set.Groups.Find(group => string.Equals(group.Name, name, StringComparison.Ordinal));
        bus.Share(name, filter.Filter, group?.Members.Count ?? 0);
    }
}
