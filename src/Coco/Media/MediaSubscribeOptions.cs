namespace Coco.Media;

/// <summary>How a stream is subscribed to.</summary>
public sealed record MediaSubscribeOptions
{
    /// <summary>Names of the tracks that are wanted; others may be resumed later. Null, the default: all.</summary>
    public IReadOnlyList<string>? Tracks { get; init; }

    /// <summary>Copies of the stream that this node is willing to send on to others. From 0 to 65,536, default 0: none.</summary>
    public int Rebroadcasts
    {
        get;
        init => field = value is >= 0 and <= 65_536 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The copies must be from 0 to 65,536.");
    }

    /// <summary>How long what has arrived waits for what was sent before it. From 0 to 1 minute, default 100 ms; never beyond an object's deadline.</summary>
    public TimeSpan Jitter
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The jitter must be from 0 to 1 minute.");
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long whoever sends may say nothing before another is looked for. From 300 ms to 1 minute, default 3 s.</summary>
    public TimeSpan SilenceTime
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(300) && value <= TimeSpan.FromMinutes(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 300 ms to 1 minute.");
    } = TimeSpan.FromSeconds(3);

    /// <summary>How long the stream is looked for again after it was lost, before the subscription ends. From 0 to 1 day, default 1 minute.</summary>
    public TimeSpan RetryTime
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 0 to 1 day.");
    } = TimeSpan.FromMinutes(1);
}
