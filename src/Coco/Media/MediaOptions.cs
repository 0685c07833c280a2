namespace Coco.Media;

/// <summary>Limits of live streams.</summary>
public sealed record MediaOptions
{
    /// <summary>Streams published and passed on at once. From 1 to 4,096, default 256.</summary>
    public int MaxStreams { get; init => field = InRange(value, 1, 4096); } = 256;

    /// <summary>Subscriptions of this node's at once. From 1 to 65,536, default 1,024.</summary>
    public int MaxSubscriptions { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Subscribers of one stream at this node at once, whatever its copies. From 1 to 65,536, default 1,024.</summary>
    public int MaxSubscribers { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Tracks of one stream. From 1 to 256, default 32.</summary>
    public int MaxTracks { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>Bytes of one object. From 1 KiB to 16 MiB, default 1 MiB.</summary>
    public int MaxObjectBytes { get; init => field = InRange(value, 1 << 10, 16 << 20); } = 1 << 20;

    /// <summary>Bytes of a track's newest group that are kept for those who join; who joins during a larger one starts with the next. From 0 to 256 MiB,
    /// default 4 MiB.</summary>
    public int MaxGroupBytes { get; init => field = InRange(value, 0, 256 << 20); } = 4 << 20;

    /// <summary>Objects of the newest group that are kept. From 1 to 1 million, default 4,096.</summary>
    public int MaxGroupObjects { get; init => field = InRange(value, 1, 1_000_000); } = 4096;

    /// <summary>Bytes of a track that wait for one subscriber; beyond that the least important go. From 1 KiB to 256 MiB, default 1 MiB.</summary>
    public int MaxQueuedBytes { get; init => field = InRange(value, 1 << 10, 256 << 20); } = 1 << 20;

    /// <summary>Objects that wait likewise. From 16 to 65,536, default 1,024.</summary>
    public int MaxQueuedObjects { get; init => field = InRange(value, 16, 65_536); } = 1024;

    /// <summary>Bytes of a track subscribed to that wait for the app, or for what comes before them; beyond that the least important go. From 1 KiB to 1 GiB, default 4 MiB.</summary>
    public int MaxBufferedBytes { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 4 << 20;

    /// <summary>Groups of one subscription that arrive at once. From 1 to 1,024, default 64.</summary>
    public int MaxOpenGroups { get; init => field = InRange(value, 1, 1024); } = 64;

    private static int InRange(int value, int low, int high) => value >= low && value <= high
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
