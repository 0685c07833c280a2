namespace Coco.Lab.Simulated;

/// <summary>Something due at a time that may be moved, again and again, without filling the queue.</summary>
internal sealed class SimulatedTimer(SimulatedInternet internet, Action action)
{
    private TimeSpan? _due;
    private TimeSpan _scheduled = TimeSpan.MaxValue;

    public void Set(TimeSpan? due)
    {
        _due = due;
        if (due is not { } at || at >= _scheduled) { return; }
        _scheduled = at > internet.Now ? at : internet.Now;
        var scheduled = _scheduled;
        internet.Schedule(scheduled, () => Fire(scheduled));
    }

    private void Fire(TimeSpan scheduled)
    {
        if (scheduled != _scheduled) { return; } // an earlier one took its place
        _scheduled = TimeSpan.MaxValue;
        if (_due is not { } due) { return; }
        if (due > internet.Now)
        {
            Set(due);
            return;
        }
        _due = null;
        action();
    }
}
