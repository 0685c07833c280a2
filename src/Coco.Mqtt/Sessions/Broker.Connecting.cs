using System.Globalization;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

internal sealed partial class Broker
{
    /// <summary>Handles the first packet of a connection. Null where the client was refused; then the link is closed.</summary>
    public Client? HandleConnect(IClientLink link, ConnectPacket packet, TimeSpan now)
    {
        _startedAt ??= now;
        var refusal = _isStopped ? ReasonCode.ServerShuttingDown : Check(packet);
        if (refusal is not ReasonCode.Success)
        {
            SendRefusal(link, packet.Version, refusal, log, options);
            return null;
        }
        var clientId = packet.ClientId.Length > 0 ? packet.ClientId : NewClientId(); // [MQTT-3.1.3-6], [MQTT-3.1.3-7]
        if (_sessions.TryGetValue(clientId, out var before) && before.Client is { } other)
        {
            Refuse(other, ReasonCode.SessionTakenOver, now); // [MQTT-3.1.4-3]
        }
        if (packet.IsCleanStart && _sessions.TryGetValue(clientId, out before)) { End(before, now); } // [MQTT-3.1.2-4]
        var isPresent = _sessions.TryGetValue(clientId, out var session);
        if (!isPresent && _sessions.Count >= options.MaxSessions)
        {
            SendRefusal(link, packet.Version, ReasonCode.QuotaExceeded, log, options);
            return null;
        }
        session ??= NewSession(clientId, ExpiryOf(packet));
        var client = NewClient(link, packet, now);
        Attach(client, session, packet);
        client.Answer(Connack(packet, client, session, isPresent), session.IsKept ? log.Last : 0); // [MQTT-3.2.2-2], [MQTT-3.2.2-3]
        Resend(client, session);
        Pump(session, now);
        Touch(client);
        return client;
    }

    /// <summary>Refuses a connection in the format of its version, where there is one (3.1.1: 3.2.2.3).</summary>
    public static void SendRefusal(IClientLink link, ProtocolVersion version, ReasonCode reason, ISessionLog log, MqttLimits options, string? text = null)
    {
        var properties = version is ProtocolVersion.V5 && text is not null ? new PropertySet { ReasonString = text } : null;
        new Client(link, log, options, TimeSpan.Zero) { Version = version }.Close(new ConnackPacket { Reason = reason, Properties = properties });
    }

    private ReasonCode Check(ConnectPacket packet)
    {
        if (packet.Properties?.AuthenticationMethod is not null) { return ReasonCode.BadAuthenticationMethod; } // [MQTT-4.12.0-1]
        // 3.1.1: [MQTT-3.1.3-8]
        if (packet is { Version: ProtocolVersion.V311, ClientId.Length: 0, IsCleanStart: false }) { return ReasonCode.ClientIdentifierNotValid; }
        if (IsOfGroup(packet.ClientId)) { return ReasonCode.ClientIdentifierNotValid; } // what waits for a group is kept under such names
        if (packet.Will is not { } will) { return ReasonCode.Success; }
        if (IsTooDeep(will.Topic)) { return ReasonCode.TopicNameInvalid; }
        return IsReserved(will.Topic) || bus.CheckPublish(will.Topic, 0) is ReasonCode.NotAuthorized ? ReasonCode.NotAuthorized : ReasonCode.Success;
    }

    // 3.1.1, 3.1.2.4: a session that is not clean is kept for good.
    private static uint ExpiryOf(ConnectPacket packet) => packet.Version is ProtocolVersion.V5
        ? packet.Properties?.SessionExpiry ?? 0
        : packet.IsCleanStart ? 0 : Session.NeverExpires;

    private Session NewSession(string clientId, uint expiry)
    {
        var session = new Session(clientId, ++_lastSession, options) { IsKept = expiry > 0 };
        _sessions.Add(clientId, session);
        return session;
    }

    private Client NewClient(IClientLink link, ConnectPacket packet, TimeSpan now)
    {
        var keepAlive = TimeSpan.FromSeconds(packet.KeepAliveSeconds);
        if (packet.Version is ProtocolVersion.V5 && keepAlive > options.MaxKeepAlive) { keepAlive = options.MaxKeepAlive; }
        var client = new Client(link, log, options, now)
        {
            Version = packet.Version,
            Window = Math.Min(packet.Properties?.ReceiveMaximum ?? ushort.MaxValue, options.MaxInFlight),
            MaxPacketSize = packet.Properties?.MaximumPacketSize ?? uint.MaxValue,
            MaxAliases = packet.Properties?.TopicAliasMaximum ?? 0,
            Patience = keepAlive == TimeSpan.Zero ? null : 1.5 * keepAlive, // [MQTT-3.1.2-22]
            ExpirySeconds = ExpiryOf(packet),
        };
        _clients.Add(client);
        Wait(client.Deadline);
        return client;
    }

    private void Attach(Client client, Session session, ConnectPacket packet)
    {
        (client.Session, session.Client) = (session, client);
        // [MQTT-3.1.3-9]: who is back in time has no will of before; what is said now counts.
        (session.Will, session.WillAt, session.LostAt) = (packet.Will, null, null);
        session.ExpirySeconds = ExpiryOf(packet);
        log.Save(session);
    }

    private ConnackPacket Connack(ConnectPacket packet, Client client, Session session, bool isPresent)
    {
        PropertySet? properties = null;
        if (packet.Version is ProtocolVersion.V5)
        {
            properties = new()
            {
                AssignedClientIdentifier = packet.ClientId.Length == 0 ? session.ClientId : null, // [MQTT-3.2.2-16]
                ServerKeepAlive = packet.KeepAliveSeconds > options.MaxKeepAlive.TotalSeconds ? (ushort)options.MaxKeepAlive.TotalSeconds : null,
                ReceiveMaximum = (ushort)options.ReceiveMaximum,
                TopicAliasMaximum = (ushort)options.MaxTopicAliases,
                MaximumPacketSize = (uint)MaxPacketSize,
            };
            if (session.Missed > 0) { properties.UserProperties = [new("coco-missed", session.Missed.ToString(CultureInfo.InvariantCulture))]; }
            session.Missed = 0;
        }
        var connack = new ConnackPacket { IsSessionPresent = isPresent, Properties = properties };
        if (!client.Fits(connack) && properties is not null) { properties.UserProperties = []; }
        return connack;
    }

    // 4.7.2: $SYS is for the server to say things of itself.
    private static bool IsReserved(string topic) => topic.StartsWith('$')
        && (topic.StartsWith("$coco/", StringComparison.Ordinal) || topic.StartsWith("$share/", StringComparison.Ordinal) || topic.StartsWith(Status, StringComparison.Ordinal));

    private static bool IsTooDeep(string topic) => topic.AsSpan().Count('/') >= TopicFilter.MaxLevels;
}
