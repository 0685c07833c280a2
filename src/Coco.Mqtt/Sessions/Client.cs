using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>One connection of a client: what both sides have said they can do, and what waits to be sent.</summary>
internal sealed class Client(IClientLink link, ISessionLog log, MqttLimits options, TimeSpan now)
{
    // Answers to the client by their type, and each type in its order ([MQTT-4.6.0-2] to [MQTT-4.6.0-4]): they do not hold up what comes from others, nor
    // each other, so that who pings is answered while the network is asked.
    private readonly Queue<Held>?[] _answers = new Queue<Held>?[(int)PacketType.Auth + 1];
    private readonly Queue<Held> _packets = new();
    private readonly Dictionary<ushort, string> _aliasesIn = [];
    private readonly Dictionary<string, ushort> _aliasesOut = new(StringComparer.Ordinal);
    private TaskCompletionSource? _caughtUp;
    private int _answering; // answers that wait
    private long _answered; // answers there were
    private bool _isGreeted; // CONNACK was sent, which comes before all else ([MQTT-3.2.0-1])

    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    public Session? Session { get; set; }

    /// <summary>Messages with QoS 1 and 2 that may be on their way to the client ([MQTT-3.3.4-9]).</summary>
    public int Window { get; init; } = 1;

    /// <summary>So many are: those that were sent on this connection and are not acknowledged to the end (4.9).</summary>
    public int OnTheirWay { get; set; }

    /// <summary>What was under way on the connection before and is to be sent again, in its order ([MQTT-4.4.0-1]).</summary>
    public Queue<Delivery> Again { get; } = new();

    /// <summary>Longest packet the client takes ([MQTT-3.1.2-24]).</summary>
    public uint MaxPacketSize { get; init; } = uint.MaxValue;

    /// <summary>Topic aliases the client takes ([MQTT-3.3.2-10]).</summary>
    public ushort MaxAliases { get; init; }

    /// <summary>After how long without a word the client is lost ([MQTT-3.1.2-22]); null where it may be silent.</summary>
    public TimeSpan? Patience { get; init; }

    public TimeSpan LastHeard { get; set; } = now;

    /// <summary>What the client asked for at the beginning; a session that was to end may not be prolonged (MQTT 5.0, 3.14.2.2.2).</summary>
    public uint ExpirySeconds { get; init; }

    public bool IsClosed { get; private set; }

    /// <summary>Something was written since the last flush.</summary>
    public bool IsDirty { get; private set; }

    public bool HasHeld => _answering + _packets.Count > 0;

    /// <summary>QoS 1 and 2 messages of the client that are not acknowledged to the end.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>Whether what was written waits for a slow client.</summary>
    public bool IsCongested => link.Backlog >= options.MaxBacklog;

    /// <summary>Whether so many answers wait that the client is not listened to.</summary>
    public bool IsAhead => _answering >= options.ReceiveMaximum;

    /// <summary>Done when the client may be listened to: not while too many answers wait.</summary>
    public Task WhenCaughtUp() => IsAhead && !IsClosed ? (_caughtUp ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;

    public long Dropped { get; set; }

    public TimeSpan? Deadline => Patience is { } patience && !IsClosed ? LastHeard + patience : null;

    /// <summary>The topic of a packet by its name or its alias, which is in range. Null where the alias stands for nothing (3.3.2.3.4).</summary>
    public string? Resolve(PublishPacket packet)
    {
        if (packet.Properties?.TopicAlias is not { } alias) { return packet.Topic; }
        if (packet.Topic.Length == 0) { return _aliasesIn.GetValueOrDefault(alias); }
        return _aliasesIn[alias] = packet.Topic;
    }

    public void CountReceived() => Unacknowledged++;

    /// <summary>Sends an answer to what the client sent, when the commit is durable and those of its type before it are sent.</summary>
    public Held Answer(MqttPacket packet, long commit = 0, bool isAwaited = false)
    {
        var held = new Held(packet, commit) { IsAwaited = isAwaited, Order = _answered++ };
        var queue = _answers[(int)packet.Type] ??= new();
        queue.Enqueue(held);
        _answering++;
        ReleaseAnswers();
        return held;
    }

    /// <summary>Sends what is not an answer.</summary>
    public void Send(MqttPacket packet, long commit = 0)
    {
        if (_isGreeted && _packets.Count == 0 && commit <= log.Durable) { Write(packet); }
        else { _packets.Enqueue(new(packet, commit)); }
    }

    /// <summary>Sends a message as it stands for many.</summary>
    public void SendPlain(Message message)
    {
        if (IsClosed) { return; }
        var frame = message.PlainFrame(Version);
        if ((uint)frame.Length > MaxPacketSize) { return; } // [MQTT-3.1.2-25]
        var output = link.Output.GetSpan(frame.Length);
        frame.CopyTo(output);
        link.Output.Advance(frame.Length);
        IsDirty = true;
    }

    /// <summary>Sends what no longer has to wait.</summary>
    public void Release(TimeSpan now)
    {
        var wasAhead = IsAhead;
        ReleaseAnswers();
        while (_isGreeted && _packets.TryPeek(out var held) && held.Commit <= log.Durable) { Write(_packets.Dequeue().Packet); }
        if (IsAhead) { return; }
        if (wasAhead) { LastHeard = now; } // what the client said meanwhile is read now
        CatchUp();
    }

    public void Flush()
    {
        IsDirty = false;
        link.Flush();
    }

    /// <summary>Whether a packet is one the client takes.</summary>
    public bool Fits(MqttPacket packet) => MaxPacketSize == uint.MaxValue || PacketCodec.Measure(packet, Version) <= MaxPacketSize;

    /// <summary>Ends the connection, after a last packet where there is one. What waits is not sent.</summary>
    public void Close(MqttPacket? last = null)
    {
        if (IsClosed) { return; }
        if (last is not null) { Write(last); }
        (IsClosed, IsDirty) = (true, false);
        Array.Clear(_answers);
        _answering = 0;
        _packets.Clear();
        CatchUp();
        link.Flush();
        link.Close();
    }

    private void CatchUp()
    {
        _caughtUp?.SetResult();
        _caughtUp = null;
    }

    private void ReleaseAnswers()
    {
        while (NextAnswers() is { } queue)
        {
            _answering--;
            Write(queue.Dequeue().Packet);
        }
    }

    // Of the types whose first answer may be sent the one that came first.
    private Queue<Held>? NextAnswers()
    {
        Queue<Held>? next = null;
        foreach (var queue in _answers)
        {
            if (queue is null || !queue.TryPeek(out var held) || held.IsAwaited || held.Commit > log.Durable || (!_isGreeted && held.Packet is not ConnackPacket)) { continue; }
            if (next is null || held.Order < next.Peek().Order) { next = queue; }
        }
        return next;
    }

    private void Write(MqttPacket packet)
    {
        if (IsClosed) { return; }
        _isGreeted |= packet is ConnackPacket;
        if (EndsExchange(packet) && Unacknowledged > 0) { Unacknowledged--; }
        packet = WithAlias(packet);
        if (!Fits(packet)) { return; }
        PacketCodec.Write(link.Output, packet, Version);
        IsDirty = true;
    }

    private static bool EndsExchange(MqttPacket packet) => packet is AckPacket ack
        && (ack.Type is PacketType.Puback or PacketType.Pubcomp || (ack.Type is PacketType.Pubrec && ack.Reason >= ReasonCode.Unspecified));

    // The first topics get an alias each, and keep it: taking one away for another would cost the name again.
    private MqttPacket WithAlias(MqttPacket packet)
    {
        if (MaxAliases == 0 || packet is not PublishPacket publish) { return packet; }
        if (_aliasesOut.TryGetValue(publish.Topic, out var alias)) { return publish.With("", alias); }
        if (_aliasesOut.Count >= Math.Min(MaxAliases, options.MaxTopicAliases)) { return packet; }
        alias = (ushort)(_aliasesOut.Count + 1);
        var named = publish.With(publish.Topic, alias);
        if (Fits(named)) { _aliasesOut.Add(publish.Topic, alias); }
        return Fits(named) ? named : packet;
    }
}
