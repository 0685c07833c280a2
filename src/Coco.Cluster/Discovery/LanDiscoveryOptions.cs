namespace Coco.Cluster.Discovery;

/// <summary>How <see cref="LanDiscovery"/> behaves on a LAN.</summary>
internal sealed record LanDiscoveryOptions
{
    /// <summary>How long an instance name is used. From 1 min to 1 day, default 1 h; a change of the network ends it, too.</summary>
    public TimeSpan Epoch { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);

    /// <summary>How long others may remember us. From 1 min to 1 day, default 75 min: what RFC 6762 §10 says of all records but those of hosts.</summary>
    public TimeSpan TimeToLive { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(75);

    /// <summary>The longest pause between queries; they begin a second apart and it doubles (RFC 6762 §5.2). From 1 min to 1 day, default 1 h.</summary>
    public TimeSpan LongestQueryInterval { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);

    /// <summary>Members remembered. From 1 to 65,536, default 1,024.</summary>
    public int MaxPeers { get; init => field = Guard.InRange(value, 1, 65_536); } = 1_024;

    /// <summary>Interfaces used. From 1 to 64, default 16.</summary>
    public int MaxLinks { get; init => field = Guard.InRange(value, 1, 64); } = 16;

    /// <summary>Datagrams looked at in a burst on a link; after it, 100 a second. From 10 to 10,000, default 200.</summary>
    public int Burst { get; init => field = Guard.InRange(value, 10, 10_000); } = 200;
}
