using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>What clients and other edges publish.</content>
internal sealed partial class Broker
{
    private readonly FilterTree<SubscriberSet> _subscribers = new();
    private readonly List<SubscriberSet> _matches = [];
    private readonly List<Session> _reached = [];

    private long _messages;

    /// <summary>Handles what was published at another edge.</summary>
    public void HandleBusMessage(Message message, TimeSpan now)
    {
        if (message.IsRetained) { Retain(message); }
        Distribute(message, now);
    }

    private void HandlePublish(Client client, Session session, PublishPacket packet, TimeSpan now)
    {
        if (packet.Qos is not Qos.AtMostOnce && !TryCount(client, session, packet))
        {
            Refuse(client, ReasonCode.ReceiveMaximumExceeded, now); // [MQTT-3.3.4-8]
            return;
        }
        if (client.Resolve(packet) is not { } topic) { Refuse(client, ReasonCode.TopicAliasInvalid, now); return; }
        if (IsTooDeep(topic)) { Refuse(client, ReasonCode.TopicNameInvalid, now); return; }
        if (packet.Qos is Qos.ExactlyOnce && session.Received.Contains(packet.PacketId))
        {
            client.Answer(new AckPacket(PacketType.Pubrec, packet.PacketId), log.Last); // [MQTT-4.3.3-10]: not published again
            return;
        }
        var refusal = IsReserved(topic) ? ReasonCode.NotAuthorized : bus.CheckPublish(topic, packet.Payload.Length);
        if (refusal is ReasonCode.Success && packet.IsRetained && !MayRetain(topic, packet)) { refusal = ReasonCode.QuotaExceeded; }
        if (refusal is not ReasonCode.Success)
        {
            if (packet.Qos is not Qos.AtMostOnce) { Acknowledge(client, session, packet, refusal, isAwaited: false); }
            return;
        }
        var message = Message.From(packet, topic, session.ClientId, now);
        var reached = Publish(message, now);
        var published = bus.PublishAsync(message);
        if (packet.Qos is Qos.AtMostOnce) { return; }
        var reason = reached || client.Version is ProtocolVersion.V311 ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers;
        var held = Acknowledge(client, session, packet, reason, isAwaited: !published.IsCompletedSuccessfully);
        if (!published.IsCompletedSuccessfully) { _ = AwaitAsync(published, client, held, reason); }
    }

    // A packet that comes again before it was acknowledged is the same exchange.
    private bool TryCount(Client client, Session session, PublishPacket packet)
    {
        if (packet.Qos is Qos.ExactlyOnce && session.Received.Contains(packet.PacketId)) { return true; }
        client.CountReceived();
        return client.Version is not ProtocolVersion.V5 || client.Unacknowledged <= options.ReceiveMaximum;
    }

    private Held Acknowledge(Client client, Session session, PublishPacket packet, ReasonCode reason, bool isAwaited)
    {
        var type = packet.Qos is Qos.ExactlyOnce ? PacketType.Pubrec : PacketType.Puback;
        if (packet.Qos is Qos.ExactlyOnce && reason < ReasonCode.Unspecified)
        {
            session.Received.Add(packet.PacketId);
            log.SaveReceived(session, packet.PacketId);
        }
        // 3.1.1 [MQTT-3.3.5-2]: what is not authorized is acknowledged all the same, as it has no way to say so.
        return client.Answer(new AckPacket(type, packet.PacketId) { Reason = client.Version is ProtocolVersion.V5 ? reason : ReasonCode.Success }, log.Last, isAwaited);
    }

    private async Task AwaitAsync(ValueTask<ReasonCode> publishing, Client client, Held held, ReasonCode local)
    {
        var reason = await publishing.ConfigureAwait(false);
        post(now =>
        {
            // Other edges' subscribers are subscribers too.
            if (held.Packet is AckPacket ack && reason != local && client.Version is ProtocolVersion.V5 && local is ReasonCode.NoMatchingSubscribers)
            {
                held.Packet = new AckPacket(ack.Type, ack.PacketId) { Reason = reason };
            }
            held.IsAwaited = false;
            client.Release();
            Touch(client);
        });
    }

    // True where somebody here gets it.
    private bool Publish(Message message, TimeSpan now)
    {
        if (message.IsRetained) { Retain(message); }
        return Distribute(message, now);
    }

    private bool Distribute(Message message, TimeSpan now)
    {
        _matches.Clear();
        _reached.Clear();
        _subscribers.Match(message.Topic, _matches);
        var number = ++_messages;
        foreach (var set in _matches)
        {
            foreach (var subscription in set.Own)
            {
                if (subscription.Options.IsNoLocal && string.Equals(message.Publisher, subscription.Session.ClientId, StringComparison.Ordinal)) { continue; } // [MQTT-3.8.3-3]
                if (subscription.Session.Route.Add(number, message, subscription)) { _reached.Add(subscription.Session); }
            }
        }
        foreach (var session in _reached)
        {
            Deliver(session, message, session.Route.Qos, session.Route.IsRetained, session.Route.Identifiers, null, now);
        }
        var isShared = false;
        foreach (var set in _matches)
        {
            foreach (var group in set.Groups) { isShared |= bus.IsOurs(group.Name, group.Filter, message) && DeliverToOne(group, message, now); }
        }
        return isShared || _reached.Count > 0;
    }

    private bool DeliverToOne(ShareGroup group, Message message, TimeSpan now)
    {
        if (group.Choose(message.Qos) is not { } member) { return false; }
        var qos = message.Qos < member.Options.MaximumQos ? message.Qos : member.Options.MaximumQos; // [MQTT-4.8.2-3]
        IReadOnlyList<int> identifiers = member.Identifier == 0 ? [] : [member.Identifier];
        Deliver(member.Session, message, qos, message.IsRetained && member.Options.IsRetainAsPublished, identifiers, group, now);
        return true;
    }
}
