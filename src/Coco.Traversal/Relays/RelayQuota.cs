namespace Coco.Traversal.Relays;

/// <summary>What a relay forwards for one sender, or for one network. What goes beyond is dropped, never queued.</summary>
public sealed record RelayQuota
{
    /// <summary>Bytes per second on average, headers of the relay included. From 1,000 to 50 billion, default 12.5 million (100 Mb/s).</summary>
    public long BytesPerSecond { get; init => field = Guard.InRange(value, 1_000, 50_000_000_000); } = 12_500_000;

    /// <summary>Datagrams per second on average. From 1 to 1 billion, default 20,000.</summary>
    public long PacketsPerSecond { get; init => field = Guard.InRange(value, 1, 1_000_000_000); } = 20_000;

    /// <summary>How much of the rates may come at once. From 10 milliseconds to 10 seconds, default 1 second.</summary>
    public TimeSpan Burst { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)); } =
        TimeSpan.FromSeconds(1);

    /// <summary>Bytes per second on average when those of the month are used up. From 0, when nothing passes any more, to 50 billion, default 0.</summary>
    public long BytesPerSecondBeyond { get; init => field = Guard.InRange(value, 0, 50_000_000_000); }

    /// <summary>Bytes in 30 days. From 0 to 10^18, default 1 TB.</summary>
    public long BytesPerMonth { get; init => field = Guard.InRange(value, 0, 1_000_000_000_000_000_000); } = 1_000_000_000_000;
}
