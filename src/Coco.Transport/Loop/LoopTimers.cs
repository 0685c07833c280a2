namespace Coco.Transport.Loop;

/// <summary>The timers of one loop. A deadline that moves back costs nothing: it is looked at when its old time comes.</summary>
internal sealed class LoopTimers
{
    private const int LeastCancelled = 8; // chosen: fewer are not worth a look, and hold little

    private readonly PriorityQueue<LoopTimer, TimeSpan> _queue = new();
    private int _cancelled; // entries of timers that are not wanted any more

    /// <summary>Entries held, those of cancelled timers among them.</summary>
    public int Count => _queue.Count;

    /// <summary>When <see cref="Fire"/> is next worth a call.</summary>
    public TimeSpan Earliest => _queue.TryPeek(out _, out var time) ? time : TimeSpan.MaxValue;

    public void Set(LoopTimer timer, TimeSpan due)
    {
        timer.Due = due;
        if (due < timer.LooksAt) { Enqueue(timer, due); }
    }

    /// <summary>Fires no more, unless set again. What it holds is let go of soon, not when its time would have come.</summary>
    public void Cancel(LoopTimer timer)
    {
        if (timer.Due == TimeSpan.MaxValue) { return; }
        timer.Due = TimeSpan.MaxValue;
        if (++_cancelled >= LeastCancelled && _cancelled > _queue.Count / 2) { DropCancelled(); }
    }

    public void Fire(TimeSpan now)
    {
        while (_queue.TryPeek(out var timer, out var time) && time <= now)
        {
            _queue.Dequeue();
            if (time != timer.LooksAt) { continue; } // an earlier entry has taken its place
            if (timer.Due == TimeSpan.MaxValue && _cancelled > 0) { _cancelled--; }
            timer.LooksAt = TimeSpan.MaxValue;
            if (timer.Due <= now)
            {
                timer.Due = TimeSpan.MaxValue;
                timer.Fire(now);
            }
            else if (timer.Due < TimeSpan.MaxValue) { Enqueue(timer, timer.Due); }
        }
    }

    private void DropCancelled()
    {
        var wanted = _queue.UnorderedItems.Where(static entry => entry.Element.Due < TimeSpan.MaxValue && entry.Priority == entry.Element.LooksAt).ToArray();
        foreach (var (timer, _) in _queue.UnorderedItems)
        {
            if (timer.Due == TimeSpan.MaxValue) { timer.LooksAt = TimeSpan.MaxValue; }
        }
        _queue.Clear();
        _queue.EnqueueRange(wanted);
        _cancelled = 0;
    }

    private void Enqueue(LoopTimer timer, TimeSpan at)
    {
        timer.LooksAt = at;
        _queue.Enqueue(timer, at);
    }
}
