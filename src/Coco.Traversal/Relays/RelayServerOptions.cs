namespace Coco.Traversal.Relays;

/// <summary>Whom a relay serves and how much.</summary>
public sealed record RelayServerOptions
{
    /// <summary>What it forwards for one identity, however often that is connected.</summary>
    public RelayQuota PerClient { get; init; } = new();

    /// <summary>What it forwards for all clients of one network together. Default 1.25 GB/s, 2 million datagrams per second, 100 TB a month and
    /// 64 kB/s beyond.</summary>
    public RelayQuota PerNetwork { get; init; } =
        new() { BytesPerSecond = 1_250_000_000, PacketsPerSecond = 2_000_000, BytesPerMonth = 100_000_000_000_000, BytesPerSecondBeyond = 64_000 };

    /// <summary>What it forwards for one identity that belongs to no network it knows, where there are <see cref="Terms"/>. Default 128 kB/s, 200
    /// datagrams per second, 20 MB in 30 days: enough to join a network.</summary>
    public RelayQuota PerStranger { get; init; } = new() { BytesPerSecond = 128_000, PacketsPerSecond = 200, BytesPerMonth = 20_000_000 };

    /// <summary>Says to which network a client belongs and what it may use; null, the default, where all are of one kind and have
    /// <see cref="PerClient"/>.</summary>
    public IRelayTerms? Terms { get; init; }

    /// <summary>Whether what clients use is counted. Who sets this takes what was counted now and then. Default false.</summary>
    public bool MetersUsage { get; init; }

    /// <summary>Clients whose usage is told apart between two takings; beyond, that of the rest is one sum for each network. From 1,000 to 10 million,
    /// default 200,000.</summary>
    public int MaxUsageEntries { get; init => field = Guard.InRange(value, 1_000, 10_000_000); } = 200_000;

    /// <summary>Whether clients of different networks may have sessions with each other. Default false.</summary>
    public bool JoinsNetworks { get; init; }

    /// <summary>Control connections at once. From 1 to 10 million, default 100,000.</summary>
    public int MaxClients { get; init => field = Guard.InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Sessions at once. From 1 to 10 million, default 500,000.</summary>
    public int MaxSessions { get; init => field = Guard.InRange(value, 1, 10_000_000); } = 500_000;

    /// <summary>Sessions of one client at once. From 1 to 65,536, default 1,024.</summary>
    public int MaxSessionsPerClient { get; init => field = Guard.InRange(value, 1, 65_536); } = 1024;

    /// <summary>Sessions of one stranger at once, where there are <see cref="Terms"/>. From 1 to 65,536, default 16.</summary>
    public int MaxSessionsPerStranger { get; init => field = Guard.InRange(value, 1, 65_536); } = 16;

    /// <summary>A session that was silent for so long makes room for a new one where there is none. From 0 to 1 day, default 30 seconds.</summary>
    public TimeSpan SessionIdle { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromDays(1)); } = TimeSpan.FromSeconds(30);

    /// <summary>Sessions a client may open per second, five times as many at once. From 1 to 10,000, default 10.</summary>
    public int OpensPerSecond { get; init => field = Guard.InRange(value, 1, 10_000); } = 10;

    /// <summary>Control messages of a client per second, five times as many at once. From 1 to 10,000, default 20.</summary>
    public int MessagesPerSecond { get; init => field = Guard.InRange(value, 1, 10_000); } = 20;

    /// <summary>Bytes of control messages that wait for a client to read; it is cut off beyond. From 16 KiB to 16 MiB, default 512 KiB.</summary>
    public int MaxQueuedBytesPerClient { get; init => field = Guard.InRange(value, 16 << 10, 16 << 20); } = 512 << 10;

    /// <summary>Bytes of control messages that wait for all clients together. From 1 MiB to 1 GiB, default 64 MiB.</summary>
    public int MaxQueuedBytes { get; init => field = Guard.InRange(value, 1 << 20, 1 << 30); } = 64 << 20;

    /// <summary>Address records kept. From 1 to 10 million, default 100,000.</summary>
    public int MaxRecords { get; init => field = Guard.InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Bytes of address records kept. From 64 KiB to 16 GiB, default 64 MiB.</summary>
    public long MaxRecordBytes { get; init => field = Guard.InRange(value, 64L << 10, 16L << 30); } = 64 << 20;

    /// <summary>Requests that wait until a record was looked up at other relays, where the host does that. From 1 to 100,000, default 4,096; those beyond
    /// are told what is known here.</summary>
    public int MaxWaitingLookups { get; init => field = Guard.InRange(value, 1, 100_000); } = 4096;

    /// <summary>Identities and networks, of each, whose use is remembered after their last client left. From 0 to 10 million, default 100,000.</summary>
    public int MaxIdleAccounts { get; init => field = Guard.InRange(value, 0, 10_000_000); } = 100_000;

    /// <summary>How often clients are told to show that they live. From 1 second to 10 minutes, default 25 seconds: the shortest mappings of
    /// UDP in wide use last 30.</summary>
    public TimeSpan KeepAlive { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)); } =
        TimeSpan.FromSeconds(25);

    /// <summary>Whether the host asks other relays for records, and tells them ours.</summary>
    internal bool HasPresence { get; init; }

    /// <summary>Where this relay takes WebSockets; null for nowhere.</summary>
    public string? Url { get; init => field = value is null || RelayInfo.IsUrl(value) ? value : throw new ArgumentException("Not a wss:// URL.", nameof(Url)); }

    /// <summary>Relays suggested to clients when this one stops, at most 4.</summary>
    public IReadOnlyList<RelayInfo> Others { get; init; } = [];
}
