namespace Coco.Media;

/// <summary>How the objects of a track are sent.</summary>
public sealed record TrackOptions
{
    /// <summary>How important its objects are where not all can be sent: 0 the most, 255 the least, default 128. The upper three bits order the tracks of
    /// a stream among each other on the wire.</summary>
    public byte Priority { get; init; } = 128;

    /// <summary>How old an object may become on its way; what is older is dropped. From 1 ms to 1 hour, default 500 ms.</summary>
    public TimeSpan Deadline
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The deadline must be from 1 ms to 1 hour.");
    } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether objects need those before them in their group that are no less important, as in video: where one was lost, the rest of the group
    /// that needs it is not sent. Default false.</summary>
    public bool IsDependent { get; init; }
}
