namespace Coco.Transport.Loop;

/// <summary>The timers of one loop. A deadline that moves back costs nothing: it is looked at when its old time comes.</summary>
internal sealed class LoopTimers
{
    private readonly PriorityQueue<LoopTimer, TimeSpan> _queue = new();

    /// <summary>When <see cref="Fire"/> is next worth a call.</summary>
    public TimeSpan Earliest => _queue.TryPeek(out _, out var time) ? time : TimeSpan.MaxValue;

    public void Set(LoopTimer timer, TimeSpan due)
    {
        timer.Due = due;
        if (due < timer.LooksAt) { Enqueue(timer, due); }
    }

    public void Fire(TimeSpan now)
    {
        while (_queue.TryPeek(out var timer, out var time) && time <= now)
        {
            _queue.Dequeue();
            if (time != timer.LooksAt) { continue; } // an earlier entry has taken its place
            timer.LooksAt = TimeSpan.MaxValue;
            if (timer.Due <= now)
            {
                timer.Due = TimeSpan.MaxValue;
                timer.Fire(now);
            }
            else if (timer.Due < TimeSpan.MaxValue) { Enqueue(timer, timer.Due); }
        }
    }

    private void Enqueue(LoopTimer timer, TimeSpan at)
    {
        timer.LooksAt = at;
        _queue.Enqueue(timer, at);
    }
}
