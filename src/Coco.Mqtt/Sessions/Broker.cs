using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>
/// An MQTT server without sockets, clocks and files (MQTT 3.1.1 and 5.0): clients' packets and the time go in, packets come out at the
/// clients' links. One loop owns it. <c>now</c> grows like a monotonic clock, and goes on from the last time after a restart.
/// </summary>
/// <param name="options">Limits.</param>
/// <param name="bus">What connects it with other edges.</param>
/// <param name="log">Keeps what must survive.</param>
/// <param name="random">For identifiers of clients that have none.</param>
/// <param name="post">Has something done on the loop, later.</param>
internal sealed partial class Broker(MqttLimits options, ITopicBus bus, ISessionLog log, RandomSource random, Action<Action<TimeSpan>> post)
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<Client> _clients = [];
    private readonly List<Client> _touched = [];
    private readonly List<Client> _overrun = [];

    private ulong _lastSession;
    private bool _isStopped;

    /// <summary>When <see cref="HandleTimeout(TimeSpan)"/> wants to be called, at the latest.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Messages that were not sent, as their clients were too slow.</summary>
    public long Dropped { get; private set; }

    public int Sessions => _sessions.Count;

    public int Clients => _clients.Count;

    /// <summary>The longest packet that clients may send: what the server takes, and its bus can carry (3.2.2.3.6).</summary>
    public int MaxPacketSize => Math.Min(options.MaxPacketSize, bus.MaxPacketSize);

    /// <summary>Handles a packet of a client that has connected.</summary>
    public void HandlePacket(Client client, MqttPacket packet, TimeSpan now)
    {
        if (client.IsClosed) { return; }
        client.LastHeard = now;
        var session = client.Session!;
        switch (packet)
        {
            case PublishPacket publish: HandlePublish(client, session, publish, now); break;
            case AckPacket ack: HandleAck(client, session, ack, now); break;
            case SubscribePacket subscribe: HandleSubscribe(client, session, subscribe, now); break;
            case UnsubscribePacket unsubscribe: HandleUnsubscribe(client, session, unsubscribe); break;
            case PingPacket { Type: PacketType.Pingreq }: client.Answer(PingPacket.Response); break;
            case ReasonPacket { Type: PacketType.Disconnect } disconnect: HandleDisconnect(client, session, disconnect, now); break;
            // Sent by servers only, CONNECT again ([MQTT-3.1.0-2]), or AUTH without a method having been agreed on (4.12).
            default: Refuse(client, ReasonCode.ProtocolError, now); break;
        }
        Touch(client);
    }

    /// <summary>The client sent what is no packet, or broke a rule: it is told and its connection ends (MQTT 5.0, 4.13).</summary>
    public void HandleBroken(Client client, ReasonCode reason, TimeSpan now) => Refuse(client, reason, now);

    /// <summary>The connection is gone.</summary>
    public void HandleClosed(Client client, TimeSpan now)
    {
        client.Close();
        Lose(client, isNormal: false, now);
    }

    /// <summary>The link has room again.</summary>
    public void HandleDrained(Client client, TimeSpan now)
    {
        if (client is { IsClosed: false, Session: { } session }) { Pump(session, now); }
    }

    /// <summary>A commit became durable: what waited for it is sent.</summary>
    public void HandleDurable(TimeSpan now)
    {
        StartWhatIsDurable();
        foreach (var client in _clients)
        {
            if (!client.HasHeld) { continue; }
            client.Release(now);
            Wait(client.Deadline);
            Touch(client);
        }
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (now < Deadline) { return; }
        Deadline = TimeSpan.MaxValue;
        foreach (var client in _clients.Where(client => client.Deadline <= now).ToList())
        {
            if (client.IsAhead) { client.LastHeard = now; } // it may have said something that is not read yet, as this server waits for its disk or the network
            else { Refuse(client, ReasonCode.KeepAliveTimeout, now); }
        }
        foreach (var session in _sessions.Values.Where(session => session.Deadline <= now).ToList()) { HandleTimeout(session, now); }
        foreach (var client in _clients) { Wait(client.Deadline); }
        foreach (var session in _sessions.Values) { Wait(session.Deadline); }
        PublishStatus(now);
        CheckShares(now);
        Wait(_sharesAt);
        Wait(_statusAt);
    }

    /// <summary>Ends all connections, as the server stops. Wills are published when it is back, or now where their sessions end.</summary>
    public void Stop(TimeSpan now)
    {
        _isStopped = true;
        foreach (var client in _clients.ToList()) { Refuse(client, ReasonCode.ServerShuttingDown, now); }
    }

    /// <summary>Ends a turn of the loop: what was written is sent.</summary>
    public void EndTurn(TimeSpan now)
    {
        // Not at once: whoever is turned away may have a will, and the message it was too slow for is still being passed around.
        foreach (var client in _overrun) { Refuse(client, ReasonCode.QuotaExceeded, now, TooSlow); }
        _overrun.Clear();
        foreach (var client in _touched)
        {
            if (client.IsDirty) { client.Flush(); }
        }
        _touched.Clear();
    }

    private void HandleTimeout(Session session, TimeSpan now)
    {
        if (session.IsOverAt(now)) { End(session, now); }
        else if (session.WillAt <= now) { PublishWill(session, now); }
    }

    // MQTT 5.0, 4.13: a client of 3.1.1 learns no more than that the connection ends.
    private void Refuse(Client client, ReasonCode reason, TimeSpan now, string? text = null)
    {
        if (client.IsClosed) { return; }
        client.Close(client.Version is ProtocolVersion.V5 ? Disconnect(client, reason, text) : null);
        Lose(client, isNormal: false, now);
    }

    private static ReasonPacket Disconnect(Client client, ReasonCode reason, string? text)
    {
        var packet = new ReasonPacket(PacketType.Disconnect) { Reason = reason, Properties = text is null ? null : new() { ReasonString = text } };
        return client.Fits(packet) ? packet : new(PacketType.Disconnect) { Reason = reason }; // [MQTT-3.14.2-3]
    }

    private void Touch(Client client)
    {
        if (client.IsDirty) { _touched.Add(client); }
    }

    private void Wait(TimeSpan? deadline)
    {
        if (deadline < Deadline) { Deadline = deadline.Value; }
    }

    // Only what goes to others needs one.
    private byte[] NewMessageId(Qos qos)
    {
        if (!bus.HasOthers || qos is Qos.AtMostOnce) { return []; }
        var id = new byte[16];
        random.Fill(id);
        return id;
    }

    private string NewClientId()
    {
        Span<byte> bytes = stackalloc byte[10];
        random.Fill(bytes);
        return "coco-" + Convert.ToHexStringLower(bytes);
    }
}
