namespace Coco.Mqtt;

/// <summary>Limits of an MQTT server. What a client can make grow has one.</summary>
public sealed record MqttLimits
{
    /// <summary>Connections at once. From 1 to 65,536, default 16,384. Each is a file of the process, which may have no more than the system allows
    /// (<c>ulimit -Hn</c>): the log says where that is fewer.</summary>
    public int MaxConnections { get; init => field = Guard.InRange(value, 1, 65_536); } = 16_384;

    /// <summary>Longest packet of a client, header included. From 1 KiB to 16,000,000 bytes, which is the default.</summary>
    public int MaxPacketSize { get; init => field = Guard.InRange(value, 1024, 16_000_000); } = 16_000_000;

    /// <summary>Messages with QoS 1 and 2 that a client may send before earlier ones are acknowledged. From 1 to 65,535, default 1,024.</summary>
    public int ReceiveMaximum { get; init => field = Guard.InRange(value, 1, 65_535); } = 1024;

    /// <summary>Messages with QoS 1 and 2 on their way to a client, if it does not want fewer. From 1 to 65,535, default 1,024.</summary>
    public int MaxInFlight { get; init => field = Guard.InRange(value, 1, 65_535); } = 1024;

    /// <summary>Topic aliases in each direction of a connection. From 0 to 65,535, default 64: a topic has up to 64 KiB.</summary>
    public int MaxTopicAliases { get; init => field = Guard.InRange(value, 0, 65_535); } = 64;

    /// <summary>Longest keep-alive of MQTT 5 clients. From 1 s to 18 hours, default 60 s: so that one that is gone is noticed soon.</summary>
    public TimeSpan MaxKeepAlive { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(65_535)); } = TimeSpan.FromSeconds(60);

    /// <summary>How long a program may take to say what it wants. From 100 ms to 5 minutes, default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(10);

    /// <summary>Sessions, connected or not. From 1 to 1,000,000, default 65,536: as many as there may be connections.</summary>
    public int MaxSessions { get; init => field = Guard.InRange(value, 1, 1_000_000); } = 65_536;

    /// <summary>Subscriptions of a session. From 1 to 1,000,000, default 10,000.</summary>
    public int MaxSubscriptions { get; init => field = Guard.InRange(value, 1, 1_000_000); } = 10_000;

    /// <summary>Messages with QoS 1 and 2 that wait for a client. From 1 to 10,000,000, default 100,000.</summary>
    public int MaxQueuedMessages { get; init => field = Guard.InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Bytes of messages that wait for a client. From 1 KiB to 4 GiB, default 64 MiB.</summary>
    public long MaxQueuedSize { get; init => field = Guard.InRange(value, 1024, 4L << 30); } = 64 << 20;

    /// <summary>Bytes that were sent to a client and that it does not read, before messages with QoS 0 are dropped and others wait. From 4 KiB
    /// to 1 GiB, default 4 MiB.</summary>
    public long MaxBacklog { get; init => field = Guard.InRange(value, 4096, 1L << 30); } = 4 << 20;

    /// <summary>Retained messages. From 0 to 10,000,000, default 100,000.</summary>
    public int MaxRetained { get; init => field = Guard.InRange(value, 0, 10_000_000); } = 100_000;

    /// <summary>Bytes of retained messages. From 0 to 16 GiB, default 64 MiB.</summary>
    public long MaxRetainedSize { get; init => field = Guard.InRange(value, 0, 16L << 30); } = 64 << 20;
}
