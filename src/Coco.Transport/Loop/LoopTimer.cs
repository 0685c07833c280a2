using Coco.Quic.Connections;

namespace Coco.Transport.Loop;

/// <summary>Something that is due at some time. The loop holds one entry for it, however often the time changes.</summary>
internal abstract class LoopTimer : ITimed
{
    /// <summary>When <see cref="Fire"/> is called; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

    int ITimed.TimerIndex { get; set; } = -1;

    long ITimed.TimerDeadline { get; set; } // when the loop looks at it next, at Due or before

    public abstract void Fire(TimeSpan now);
}
