namespace Coco.Media;

/// <summary>How fast data leaves while more waits: what is measured when nothing waits says nothing of the path.</summary>
internal sealed class RateMeter
{
    // Chosen: a few round trips of most paths, and short against the deadlines that depend on it.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    // Chosen: a write that takes as long has waited for the path, not for the processor.
    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(2);

    private bool _isBusy;
    private TimeSpan _since;
    private long _bytes;
    private double _rate;

    /// <summary>Bytes per second; 0 while unknown.</summary>
    public double BytesPerSecond => Volatile.Read(ref _rate);

    /// <summary>So many bytes were taken by the path in that time.</summary>
    public void Add(TimeSpan begun, TimeSpan ended, int bytes)
    {
        if (!_isBusy && ended - begun < Blocked) { return; }
        if (!_isBusy) { (_isBusy, _since, _bytes) = (true, begun, 0); }
        _bytes += bytes;
        if (ended - _since < Window) { return; }
        var measured = _bytes / (ended - _since).TotalSeconds;
        Volatile.Write(ref _rate, _rate == 0 ? measured : (_rate + measured) / 2);
        (_since, _bytes) = (ended, 0);
    }

    /// <summary>Nothing waits: the next object has the path to itself, and what was measured does not stand in its way.</summary>
    public void HandleIdle()
    {
        _isBusy = false;
        Volatile.Write(ref _rate, 0);
    }
}
