using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <content>Messages to clients, and their acknowledgements (MQTT 5.0, 4.3 and 4.4).</content>
internal sealed partial class Broker
{
    private const string TooSlow = "More messages wait for you than are kept. Some were not.";

    private void Deliver(Session session, Message message, Qos qos, bool isRetained, IReadOnlyList<int> identifiers, ShareGroup? group, TimeSpan now)
    {
        if (qos is Qos.AtMostOnce)
        {
            DeliverAtMostOnce(session, message, isRetained, identifiers, now);
            return;
        }
        if (!session.HasRoom)
        {
            Miss(session);
            return;
        }
        var delivery = new Delivery(message, qos, isRetained, identifiers, session.NextOrder()) { Group = group };
        session.Enqueue(delivery);
        log.Save(session, delivery);
        Pump(session, now);
    }

    private void DeliverAtMostOnce(Session session, Message message, bool isRetained, IReadOnlyList<int> identifiers, TimeSpan now)
    {
        if (session.Client is not { } client) { return; }
        if (client.IsCongested)
        {
            client.Dropped++;
            Dropped++;
            return;
        }
        if (!isRetained && identifiers.Count == 0 && message.ExpiresAt is null && client is { MaxAliases: 0, HasHeld: false }) { client.SendPlain(message); }
        else if (!message.IsExpiredAt(now)) { client.Send(PacketOf(message, Qos.AtMostOnce, isRetained, identifiers, 0, isDuplicate: false, now)); }
        Touch(client);
    }

    // The client is told, so that it does not take what it has for all there was.
    private void Miss(Session session)
    {
        session.Missed++;
        Dropped++;
        if (session.Client is { } client && !_overrun.Contains(client)) { _overrun.Add(client); }
    }

    /// <summary>Sends what waits, as far as the client takes it ([MQTT-3.3.4-9]).</summary>
    private void Pump(Session session, TimeSpan now)
    {
        if (session.Client is not { } client) { return; }
        while (client.Again.Count > 0 && client.OnTheirWay < client.Window && !client.IsCongested && !client.IsClosed) { SendAgain(client, session, client.Again.Dequeue(), now); }
        // What was released does not count for the client (4.9), but it does for the session: there is an end to identifiers.
        while (session.Waiting.Count > 0 && client.Again.Count == 0 && client.OnTheirWay < client.Window && session.InFlight.Count < options.MaxInFlight
            && !client.IsCongested && !client.IsClosed)
        {
            var delivery = session.Dequeue();
            delivery.PacketId = session.TakePacketId();
            if (delivery.Message.IsExpiredAt(now) || !client.Fits(PacketOf(delivery, now))) // [MQTT-3.3.2-5], [MQTT-3.1.2-25]
            {
                log.Remove(session, delivery);
                continue;
            }
            session.InFlight.Add(delivery.PacketId, delivery);
            log.SaveProgress(session, delivery);
            SendOn(client, session, delivery, PacketOf(delivery, now));
        }
        Touch(client);
    }

    // [MQTT-4.4.0-1]: what was under way begins again, in its order, with its identifiers; messages as far as the client takes them now ([MQTT-3.3.4-9]).
    private void Resend(Client client, Session session)
    {
        foreach (var delivery in session.InFlight.Values.OrderBy(static delivery => delivery.Order).ToList())
        {
            if (delivery.IsReleased) { client.Send(new AckPacket(PacketType.Pubrel, delivery.PacketId), session.IsKept ? log.Last : 0); }
            else { client.Again.Enqueue(delivery); }
        }
    }

    private void SendAgain(Client client, Session session, Delivery delivery, TimeSpan now)
    {
        // It may have been acknowledged meanwhile, as of the connection before.
        if (delivery.IsReleased || session.InFlight.GetValueOrDefault(delivery.PacketId) != delivery) { return; }
        if (PacketOf(delivery, now, isDuplicate: true) is var packet && client.Fits(packet)) { SendOn(client, session, delivery, packet); }
        else { Complete(session, delivery); }
    }

    private void SendOn(Client client, Session session, Delivery delivery, PublishPacket packet)
    {
        client.OnTheirWay++;
        delivery.SentOn = client;
        client.Send(packet, session.IsKept ? log.Last : 0);
    }

    private void HandleAck(Client client, Session session, AckPacket packet, TimeSpan now)
    {
        switch (packet.Type)
        {
            case PacketType.Puback when session.InFlight.TryGetValue(packet.PacketId, out var delivery) && delivery.Qos is Qos.AtLeastOnce:
                Complete(session, delivery);
                break;
            case PacketType.Pubrec:
                HandlePubrec(client, session, packet);
                break;
            case PacketType.Pubcomp when session.InFlight.TryGetValue(packet.PacketId, out var delivery) && delivery.IsReleased:
                Complete(session, delivery);
                break;
            case PacketType.Pubrel:
                HandlePubrel(client, session, packet);
                break;
            default: // an acknowledgement that comes twice, or after the session began anew
                break;
        }
        Pump(session, now);
    }

    private void HandlePubrec(Client client, Session session, AckPacket packet)
    {
        if (!session.InFlight.TryGetValue(packet.PacketId, out var delivery) || delivery.Qos is not Qos.ExactlyOnce)
        {
            if (packet.Reason < ReasonCode.Unspecified)
            {
                client.Answer(new AckPacket(PacketType.Pubrel, packet.PacketId) { Reason = OnlyIn5(client, ReasonCode.PacketIdentifierNotFound) });
            }
            return;
        }
        if (packet.Reason >= ReasonCode.Unspecified) // 4.3.3: the receiver does not want it, and the exchange is over
        {
            Complete(session, delivery);
            return;
        }
        if (!delivery.IsReleased)
        {
            delivery.IsReleased = true;
            log.SaveProgress(session, delivery); // [MQTT-4.3.3-5]: never the message again
        }
        client.Answer(new AckPacket(PacketType.Pubrel, packet.PacketId), session.IsKept ? log.Last : 0);
    }

    private void HandlePubrel(Client client, Session session, AckPacket packet)
    {
        var isKnown = session.Received.Remove(packet.PacketId);
        if (isKnown) { log.RemoveReceived(session, packet.PacketId); }
        // [MQTT-4.3.3-11]
        client.Answer(
            new AckPacket(PacketType.Pubcomp, packet.PacketId) { Reason = isKnown ? ReasonCode.Success : OnlyIn5(client, ReasonCode.PacketIdentifierNotFound) },
            session.IsKept ? log.Last : 0);
    }

    private void Complete(Session session, Delivery delivery)
    {
        session.InFlight.Remove(delivery.PacketId);
        if (delivery.SentOn is { } client && client == session.Client) { client.OnTheirWay--; }
        log.Remove(session, delivery);
    }

    private static ReasonCode OnlyIn5(Client client, ReasonCode reason) => client.Version is ProtocolVersion.V5 ? reason : ReasonCode.Success;

    private static PublishPacket PacketOf(Delivery delivery, TimeSpan now, bool isDuplicate = false) =>
        PacketOf(delivery.Message, delivery.Qos, delivery.IsRetained, delivery.Identifiers, delivery.PacketId, isDuplicate, now);

    private static PublishPacket PacketOf(
        Message message, Qos qos, bool isRetained, IReadOnlyList<int> identifiers, ushort packetId, bool isDuplicate, TimeSpan now)
    {
        var properties = message.Properties;
        if (identifiers.Count > 0 || message.ExpiresAt is not null)
        {
            properties = (properties ?? new PropertySet()) with
            {
                SubscriptionIdentifiers = identifiers,
                // [MQTT-3.3.2-6]: what is left of it.
                MessageExpiry = message.ExpiresAt is { } end ? (uint)Math.Max(0, Math.Ceiling((end - now).TotalSeconds)) : null,
            };
        }
        return new()
        {
            Topic = message.Topic, Payload = message.Payload, Qos = qos, IsRetained = isRetained, IsDuplicate = isDuplicate, PacketId = packetId, Properties = properties,
        };
    }
}
