namespace Coco.Traversal.Hops;

/// <summary>What a node does for others' connections through it. The defaults are chosen by us.</summary>
public sealed record HopOptions
{
    /// <summary>Links of a way through the mesh at most. From 2 to 255, default 16.</summary>
    public int MaxHops { get; init => field = Guard.InRange(value, 2, 255); } = 16;

    /// <summary>Sessions at once, of all neighbours. From 1 to 1 million, default 16,384.</summary>
    public int MaxSessions { get; init => field = Guard.InRange(value, 1, 1_000_000); } = 16_384;

    /// <summary>Sessions over one neighbour's connection at once. From 1 to 65,536, default 1,024.</summary>
    public int MaxSessionsPerNeighbour { get; init => field = Guard.InRange(value, 1, 65_536); } = 1024;

    /// <summary>Sessions a neighbour may ask for per second, five times as many at once. From 1 to 10,000, default 20.</summary>
    public int OpensPerSecond { get; init => field = Guard.InRange(value, 1, 10_000); } = 20;

    /// <summary>Time that the nodes behind have to open a session. From 100 ms to 1 minute, default 5 s.</summary>
    public TimeSpan OpenTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(5);

    /// <summary>A session that was silent for so long is ended. From 1 second to 1 day, default 5 minutes: connections say something every 100 s
    /// at least.</summary>
    public TimeSpan SessionIdle { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes per second passed on to one neighbour. From 16 KiB to 10 GB, default 1.25 GB: as much as the network takes.</summary>
    public long BytesPerSecond { get; init => field = Guard.InRange(value, 16L << 10, 10_000_000_000); } = 1_250_000_000;

    /// <summary>Bytes that may wait for one neighbour while the way to it is full, shared by their sources. From 8 KiB to 16 MiB, default 128 KiB:
    /// deep queues would only hide from senders that there is too much.</summary>
    public int MaxQueuedBytes { get; init => field = Guard.InRange(value, 8 << 10, 16 << 20); } = 128 << 10;
}
