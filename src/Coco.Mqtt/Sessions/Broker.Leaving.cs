using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <content>Ends of connections and sessions, and wills (MQTT 5.0, 3.1.2.5, 3.14, 4.1).</content>
internal sealed partial class Broker
{
    private void HandleDisconnect(Client client, Session session, ReasonPacket packet, TimeSpan now)
    {
        if (packet.Properties?.SessionExpiry is { } expiry)
        {
            // 3.14.2.2.2: a session that was to end with its connection does.
            if (client.ExpirySeconds == 0 && expiry != 0) { Refuse(client, ReasonCode.ProtocolError, now); return; }
            session.ExpirySeconds = expiry;
        }
        client.Close();
        Lose(client, isNormal: packet.Reason is ReasonCode.Success, now);
    }

    private void Lose(Client client, bool isNormal, TimeSpan now)
    {
        _clients.Remove(client);
        if (client.Session is not { } session || session.Client != client) { return; }
        session.Client = null;
        session.LostAt = now;
        if (isNormal) { session.Will = null; } // [MQTT-3.14.4-3]
        if (session.Will is { } will) { session.WillAt = now + TimeSpan.FromSeconds(will.DelaySeconds); }
        if (session.IsOverAt(now))
        {
            End(session, now);
            return;
        }
        if (session.WillAt <= now) { PublishWill(session, now); }
        log.Save(session);
        Wait(session.Deadline);
    }

    private void End(Session session, TimeSpan now)
    {
        PublishWill(session, now); // [MQTT-3.1.2-8], 3.1.3.2.2: at the latest with the session
        var left = LeftOf(session);
        log.Remove(session);
        foreach (var subscription in session.Subscriptions.Values.ToList()) { Remove(subscription); }
        _sessions.Remove(session.ClientId);
        _ofGroups.Remove(session);
        foreach (var (group, message) in left) { HandOn(group, message, now); }
    }

    private void PublishWill(Session session, TimeSpan now)
    {
        if (session.Will is not { } will) { return; }
        (session.Will, session.WillAt) = (null, null); // [MQTT-3.1.2-10]
        log.Save(session);
        if (bus.CheckPublish(will.Topic, will.Payload.Length) is not ReasonCode.Success) { return; }
        var message = Message.From(will, session.ClientId, StampOf(will.IsRetained), NewMessageId(will.Qos), now);
        Publish(message, now);
        _ = bus.PublishAsync(message).AsTask();
    }
}
