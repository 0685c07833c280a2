using Coco.Quic.Connections;

namespace Coco.Traversal.Roaming;

/// <summary>What has a deadline in the endpoint's one heap of timers.</summary>
internal abstract class Timed : ITimed
{
    int ITimed.TimerIndex { get; set; } = -1;

    long ITimed.TimerDeadline { get; set; }

    /// <summary>When <see cref="HandleTimeout"/> has something to do; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public abstract TimeSpan Deadline { get; }

    public abstract void HandleTimeout(TimeSpan now);
}
