using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>What is kept of a client beyond its connections (MQTT 5.0, 4.1).</summary>
internal sealed class Session(string clientId, ulong number, MqttLimits options)
{
    /// <summary>A session expiry of this never ends (MQTT 5.0, 3.1.2.11.2).</summary>
    public const uint NeverExpires = uint.MaxValue;

    private ushort _lastPacketId;
    private long _waitingSize;
    private ulong _lastOrder;

    public string ClientId => clientId;

    /// <summary>Its name in the store.</summary>
    public ulong Number => number;

    public uint ExpirySeconds { get; set; }

    /// <summary>Whether it was to outlive its connection when it began, and so is kept in the store.</summary>
    public bool IsKept { get; init; }

    /// <summary>The connection it has, or null.</summary>
    public Client? Client { get; set; }

    /// <summary>When the connection ended; null while there is one.</summary>
    public TimeSpan? LostAt { get; set; }

    public WillMessage? Will { get; set; }

    /// <summary>When the will is published, unless the client comes back; null where it waits for the connection's end.</summary>
    public TimeSpan? WillAt { get; set; }

    public Dictionary<string, Subscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Messages that were not sent, in their order.</summary>
    public Queue<Delivery> Waiting { get; } = new();

    /// <summary>Messages that were sent and are not acknowledged to the end, by packet identifier.</summary>
    public Dictionary<ushort, Delivery> InFlight { get; } = [];

    /// <summary>Packet identifiers of QoS 2 messages that came and were not released (MQTT 5.0, 4.3.3).</summary>
    public HashSet<ushort> Received { get; } = [];

    /// <summary>Messages that were not kept since the client was told last, as there were too many.</summary>
    public long Missed { get; set; }

    /// <summary>What the current message has for this session; see <see cref="Route"/>.</summary>
    public Route Route { get; } = new();

    public bool HasRoom => Waiting.Count < options.MaxQueuedMessages && _waitingSize < options.MaxQueuedSize;

    /// <summary>When something is to be done if the client stays away; null where nothing is.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            if (LostAt is not { } lost) { return null; }
            var end = ExpirySeconds is NeverExpires ? (TimeSpan?)null : lost + TimeSpan.FromSeconds(ExpirySeconds);
            return WillAt is { } will && (end is null || will < end) ? will : end;
        }
    }

    public bool IsOverAt(TimeSpan now) => LostAt is { } lost && ExpirySeconds is not NeverExpires && lost + TimeSpan.FromSeconds(ExpirySeconds) <= now;

    public ulong NextOrder() => ++_lastOrder;

    public void Enqueue(Delivery delivery)
    {
        Waiting.Enqueue(delivery);
        _waitingSize += delivery.Message.Size;
    }

    public Delivery Dequeue()
    {
        var delivery = Waiting.Dequeue();
        _waitingSize -= delivery.Message.Size;
        return delivery;
    }

    /// <summary>A packet identifier that is free. There are more of them than may be in flight.</summary>
    public ushort TakePacketId()
    {
        do { _lastPacketId = (ushort)(_lastPacketId == ushort.MaxValue ? 1 : _lastPacketId + 1); }
        while (InFlight.ContainsKey(_lastPacketId));
        return _lastPacketId;
    }

    /// <summary>Puts back what was in the store.</summary>
    public void Restore(Delivery delivery)
    {
        _lastOrder = Math.Max(_lastOrder, delivery.Order);
        delivery.IsRestored = true;
        if (delivery.PacketId == 0)
        {
            Enqueue(delivery);
            return;
        }
        InFlight[delivery.PacketId] = delivery;
        _lastPacketId = Math.Max(_lastPacketId, delivery.PacketId);
    }
}
