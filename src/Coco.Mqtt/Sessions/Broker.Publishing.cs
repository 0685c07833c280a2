using System.Runtime.CompilerServices;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>What clients and other edges publish.</content>
internal sealed partial class Broker
{
    private readonly FilterTree<SubscriberSet> _subscribers = new();
    private readonly List<SubscriberSet> _matches = [];
    private readonly List<Session> _reached = [];
    private readonly ConditionalWeakTable<object, object> _distributed = []; // what came by one of several filters, as long as it may come by the others
    private readonly Queue<(long Commit, Action Action)> _waitingForStore = new();

    private long _messages;

    /// <summary>Handles what was published at other edges and came by one filter: it is for all who subscribe to filters that match, and nothing when it comes by
    /// those. Calls when all of it is durable.</summary>
    public void HandleBusMessages(string filter, IReadOnlyList<BusMessage> messages, Action stored, TimeSpan now)
    {
        foreach (var (message, isStored, isLatest, common) in messages)
        {
            var isCurrent = !message.IsRetained || (isLatest && Retain(message));
            if (_subscribers.Find(filter) is not { } set || (isStored && (!isCurrent || message.Payload.IsEmpty))) { continue; }
            _matches.Clear();
            if (isStored)
            {
                _matches.Add(set);
                DistributeStored(set, message, now);
            }
            else
            {
                _subscribers.Match(message.Topic, _matches);
                if (_matches.Count > 1 && common is not null && !_distributed.TryAdd(common, common)) { continue; } // it came by another filter before
                Distribute(message, now);
            }
            if (message is { Qos: Qos.ExactlyOnce, Id.IsEmpty: false }) { SaveSeen(message); }
        }
        SayTaken();
        WhenDurable(log.Last, stored);
    }

    // In the commit of what it brought, so that an edge that says it again after a crash of both is not heard twice.
    private void SaveSeen(Message message)
    {
        foreach (var set in _matches)
        {
            if (set.IsKept) { log.SaveSeen(set.Filter, set.SeenCount++, message.Id); }
        }
    }

    private void HandlePublish(Client client, Session session, PublishPacket packet, TimeSpan now)
    {
        if (packet.Properties is { SubscriptionIdentifiers.Count: > 0 }) { Refuse(client, ReasonCode.ProtocolError, now); return; } // [MQTT-3.3.4-6]
        if (packet.Qos is not Qos.AtMostOnce && !TryCount(client, session, packet))
        {
            Refuse(client, ReasonCode.ReceiveMaximumExceeded, now); // [MQTT-3.3.4-8]
            return;
        }
        if (packet.Properties?.TopicAlias > options.MaxTopicAliases) { Refuse(client, ReasonCode.TopicAliasInvalid, now); return; } // [MQTT-3.3.2-9]
        if (client.Resolve(packet) is not { } topic) { Refuse(client, ReasonCode.ProtocolError, now); return; } // 3.3.2.3.4: an alias that was never set
        if (IsTooDeep(topic)) { Refuse(client, ReasonCode.TopicNameInvalid, now); return; }
        if (packet.Qos is Qos.ExactlyOnce && session.Received.Contains(packet.PacketId))
        {
            client.Answer(new AckPacket(PacketType.Pubrec, packet.PacketId), log.Last); // [MQTT-4.3.3-10]: not published again
            return;
        }
        var refusal = IsReserved(topic) ? ReasonCode.NotAuthorized : bus.CheckPublish(topic, packet.Payload.Length);
        if (refusal is ReasonCode.Success && packet.IsRetained && !MayRetain(topic, packet)) { refusal = ReasonCode.QuotaExceeded; }
        // More than was announced; and a client of 3.1.1 cannot be told otherwise.
        if (refusal is ReasonCode.PacketTooLarge || (refusal is ReasonCode.TopicNameInvalid && client.Version is ProtocolVersion.V311))
        {
            Refuse(client, refusal, now);
            return;
        }
        if (refusal is not ReasonCode.Success)
        {
            if (packet.Qos is not Qos.AtMostOnce) { Acknowledge(client, session, packet, refusal, isAwaited: false); }
            return;
        }
        var message = Message.From(packet, topic, session.ClientId, StampOf(packet.IsRetained), NewMessageId(packet.Qos), now);
        var reached = Publish(message, now);
        if (packet.Qos is Qos.AtMostOnce)
        {
            if (bus.HasOthers) { _ = bus.PublishAsync(message).AsTask(); }
            return;
        }
        // Where there are others 0x10 is never said: they may have told wider filters than their clients have (src/Coco/DESIGN.md, "More filters than a node may tell"), or
        // have come within reach a moment ago, so that neither is known. 0x00 promises no more than that whoever wants the message and is within reach has it.
        var reason = reached || bus.HasOthers || client.Version is ProtocolVersion.V311 ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers;
        if (!bus.HasOthers)
        {
            Acknowledge(client, session, packet, reason, isAwaited: false);
            return;
        }
        var isOutgoing = session.IsKept && packet.Qos is Qos.ExactlyOnce;
        if (isOutgoing) { log.SaveOutgoing(message); }
        var held = Acknowledge(client, session, packet, reason, isAwaited: true);
        // What may not come twice goes out when it is known after a restart that it was to: then it goes again with the same number.
        WhenDurable(isOutgoing ? log.Last : 0, () => _ = AnnounceAsync(message, isOutgoing, client, session, held));
    }

    // A packet that comes again before it was acknowledged is the same exchange.
    private bool TryCount(Client client, Session session, PublishPacket packet)
    {
        if (packet.Qos is Qos.ExactlyOnce && session.Received.Contains(packet.PacketId)) { return true; }
        client.CountReceived();
        // 4.9: the quota begins anew with each connection, so that as many of the last one may be there still; a client that goes on without
        // releasing those ([MQTT-4.4.0-1]) would make its session grow.
        return client.Version is not ProtocolVersion.V5
            || (client.Unacknowledged <= options.ReceiveMaximum && (packet.Qos is not Qos.ExactlyOnce || session.Received.Count < 2 * options.ReceiveMaximum));
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

    private async Task AnnounceAsync(Message message, bool isOutgoing, Client client, Session session, Held held)
    {
        var reason = await bus.PublishAsync(message).ConfigureAwait(false);
        post(now =>
        {
            if (isOutgoing) { log.RemoveOutgoing(message); }
            if (reason >= ReasonCode.Unspecified && held.Packet is AckPacket ack && client is { Version: ProtocolVersion.V5, IsClosed: false }) { held.Packet = Refused(session, ack, reason); }
            held.IsAwaited = false;
            client.Release(now);
            Wait(client.Deadline);
            Touch(client);
        });
    }

    // 4.3.3: a PUBREC that refuses ends the exchange. Who has gone meanwhile asks again, and is told that it is done.
    private AckPacket Refused(Session session, AckPacket ack, ReasonCode reason)
    {
        if (ack.Type is PacketType.Pubrec && session.Received.Remove(ack.PacketId)) { log.RemoveReceived(session, ack.PacketId); }
        return new(ack.Type, ack.PacketId) { Reason = reason };
    }

    private void WhenDurable(long commit, Action action)
    {
        if (commit <= log.Durable) { action(); }
        else { _waitingForStore.Enqueue((commit, action)); }
    }

    private void StartWhatIsDurable()
    {
        while (_waitingForStore.TryPeek(out var first) && first.Commit <= log.Durable) { _waitingForStore.Dequeue().Action(); }
    }

    // True where somebody here gets it.
    private bool Publish(Message message, TimeSpan now)
    {
        if (message.IsRetained) { Retain(message); }
        _matches.Clear();
        _subscribers.Match(message.Topic, _matches);
        var isReached = Distribute(message, now);
        SayTaken();
        return isReached;
    }

    private bool Distribute(Message message, TimeSpan now)
    {
        _reached.Clear();
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
            foreach (var group in set.Groups) { isShared |= Share(group, message, now); }
        }
        return isShared || _reached.Count > 0;
    }

    // A value of another edge that came after the subscription.
    private void DistributeStored(SubscriberSet set, Message message, TimeSpan now)
    {
        foreach (var subscription in set.Own)
        {
            if (subscription.Options.RetainHandling is not RetainHandling.Never) { SendRetained(subscription, message, now); }
        }
    }

    // False where nobody has it: there is no member, or none with room, and one of them is told.
    private bool DeliverToOne(ShareGroup group, Message message, TimeSpan now)
    {
        if (group.Choose(message.Qos) is not { } member) { return false; }
        var qos = message.Qos < member.Options.MaximumQos ? message.Qos : member.Options.MaximumQos; // [MQTT-4.8.2-3]
        IReadOnlyList<int> identifiers = member.Identifier == 0 ? [] : [member.Identifier];
        var isKept = qos is Qos.AtMostOnce || member.Session.HasRoom;
        Deliver(member.Session, message, qos, message.IsRetained && member.Options.IsRetainAsPublished, identifiers, group, now);
        return isKept;
    }
}
