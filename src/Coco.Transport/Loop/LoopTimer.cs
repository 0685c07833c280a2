namespace Coco.Transport.Loop;

/// <summary>Something that is due at some time. The loop holds one entry for it, however often the time changes.</summary>
internal abstract class LoopTimer
{
    /// <summary>When <see cref="Fire"/> is called; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

    /// <summary>When the loop looks at it next, at <see cref="Due"/> or before; the loop's own.</summary>
    public TimeSpan LooksAt { get; set; } = TimeSpan.MaxValue;

    public abstract void Fire(TimeSpan now);
}
