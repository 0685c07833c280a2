namespace Coco.Messages;

/// <summary>How a message is sent.</summary>
public sealed record SendOptions
{
    /// <summary>What it is about, by which receivers choose: at most 255 bytes of UTF-8. Default empty.</summary>
    public string Subject { get; init; } = "";

    /// <summary>How long it is kept for a receiver who is away. From 1 s to 365 days; null, the default, is <see cref="MessageOptions.TimeToLive"/>.</summary>
    public TimeSpan? TimeToLive
    {
        get;
        init => field = value is null || (value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(365))
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 1 s to 365 days.");
    }
}
