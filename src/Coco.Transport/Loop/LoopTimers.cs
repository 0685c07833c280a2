using Coco.Quic.Connections;

namespace Coco.Transport.Loop;

/// <summary>The timers of one loop. A deadline that moves back costs nothing: it is looked at when its old time comes.</summary>
internal sealed class LoopTimers
{
    private readonly TimerHeap<LoopTimer> _heap = new();

    /// <summary>Timers held.</summary>
    public int Count => _heap.Count;

    /// <summary>When <see cref="Fire"/> is next worth a call.</summary>
    public TimeSpan Earliest => TimeSpan.FromTicks(_heap.Earliest);

    public void Set(LoopTimer timer, TimeSpan due)
    {
        timer.Due = due;
        ITimed held = timer;
        if (held.TimerIndex < 0 || due.Ticks < held.TimerDeadline) { _heap.Set(timer, due.Ticks); }
    }

    /// <summary>Fires no more, unless set again, and is let go of now: it may hold a connection that is over.</summary>
    public void Cancel(LoopTimer timer)
    {
        timer.Due = TimeSpan.MaxValue;
        _heap.Remove(timer);
    }

    public void Fire(TimeSpan now)
    {
        while (_heap.TryTakeDue(now.Ticks, out var timer))
        {
            if (timer.Due > now)
            {
                _heap.Set(timer, timer.Due.Ticks);
                continue;
            }
            timer.Due = TimeSpan.MaxValue;
            timer.Fire(now);
        }
    }
}
