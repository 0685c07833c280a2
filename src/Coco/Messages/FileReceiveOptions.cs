namespace Coco.Messages;

/// <summary>Which files are taken.</summary>
public sealed record FileReceiveOptions
{
    /// <summary>Largest file, in bytes. From 0, default 1 TiB.</summary>
    public long MaxLength { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = 1L << 40;

    /// <summary>How long what came of a file that was cut off is kept for its sender to go on. From 0, default 7 days.</summary>
    public TimeSpan KeepPartial { get; init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = TimeSpan.FromDays(7);

    /// <summary>Says whether a file is wanted. Default all are.</summary>
    public Func<FileOffer, bool> Accept { get; init; } = static _ => true;

    /// <summary>Told of progress, at most ten times a second for each file and at its end.</summary>
    public IProgress<FileProgress>? Progress { get; init; }
}
