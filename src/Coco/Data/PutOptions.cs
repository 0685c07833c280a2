namespace Coco.Data;

/// <summary>How an entry is written.</summary>
public sealed record PutOptions
{
    /// <summary>The version that is to be replaced; <c>default</c> where there is to be none. If this node knows another, nothing is written. It is what
    /// this node knows that counts: two nodes that do not hear of each other may both succeed, and the later one counts then. Default null: whatever is there.</summary>
    public EntryVersion? IfVersion { get; init; }

    /// <summary>Other nodes that are to have it on their disks before the call returns. From 0 to 64, default 0.</summary>
    public int Replicas
    {
        get;
        init => field = value is >= 0 and <= 64 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The number must be from 0 to 64.");
    }

    /// <summary>How long to wait for them. From 100 ms to 1 hour, default 10 s.</summary>
    public TimeSpan Patience
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must be from 100 ms to 1 hour.");
    } = TimeSpan.FromSeconds(10);
}
