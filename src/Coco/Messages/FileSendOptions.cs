namespace Coco.Messages;

/// <summary>How a file is sent.</summary>
public sealed record FileSendOptions
{
    /// <summary>What it is called there; null, the default, for the name it has here.</summary>
    public string? Name { get; init; }

    /// <summary>Told of progress, at most ten times a second and at the end.</summary>
    public IProgress<FileProgress>? Progress { get; init; }

    /// <summary>How long the receiver is tried without any progress. From 1 s to 30 days, default 5 minutes.</summary>
    public TimeSpan Patience
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(30)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 1 s to 30 days.");
    } = TimeSpan.FromMinutes(5);
}
