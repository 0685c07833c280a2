namespace Coco.Media;

/// <summary>How a stream of bytes, or datagrams, is cut into objects and groups.</summary>
public sealed record CutOptions
{
    /// <summary>Bytes of an object that is cut from a stream. From 1 to 1 MiB, default 16 KiB.</summary>
    public int ObjectBytes { get; init => field = InRange(value, 1, 1 << 20); } = 16 << 10;

    /// <summary>Bytes after which a new group begins. From 1 to 64 MiB, default 1 MiB.</summary>
    public int GroupBytes { get; init => field = InRange(value, 1, 64 << 20); } = 1 << 20;

    /// <summary>Time after which a new group begins. From 1 ms to 1 hour, default 1 s.</summary>
    public TimeSpan GroupTime
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 1 ms to 1 hour.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>Objects cut from a stream have a multiple of so many bytes: 188 for MPEG-TS, whose packets then stay whole. From 1 to 64 KiB, default 1.</summary>
    public int Alignment { get; init => field = InRange(value, 1, 64 << 10); } = 1;

    private static int InRange(int value, int low, int high) => value >= low && value <= high
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
