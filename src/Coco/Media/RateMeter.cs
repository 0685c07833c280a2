namespace Coco.Media;

/// <summary>
/// How fast data leaves while more waits, and when all that was written will have left. What is measured when nothing waits says nothing of the path.
/// </summary>
internal sealed class RateMeter
{
    // Chosen: some round trips of most paths, and short against the deadlines that depend on it.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    // Chosen: a write that takes as long has waited for the path, not for the processor.
    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(2);

    // Chosen: acknowledgements come in bursts, and after a loss all at once.
    private const double Smoothing = 0.25;

    private bool _isBusy;
    private TimeSpan _since;
    private long _bytes;
    private double _rate;
    private TimeSpan _emptyAt;

    /// <summary>Bytes per second; 0 while unknown.</summary>
    public double BytesPerSecond => Volatile.Read(ref _rate);

    /// <summary>How long what was written takes to leave.</summary>
    public TimeSpan Left(TimeSpan now) => _emptyAt > now ? _emptyAt - now : TimeSpan.Zero;

    /// <summary>So many bytes were taken in that time.</summary>
    /// <param name="begun">When they were offered.</param>
    /// <param name="ended">When they had been taken.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="held">Bytes there is room for below, which are there where these had to wait; 0 where they cannot have.</param>
    /// <param name="most">The longest that they are thought to take to leave. At a rate so low that nothing would be in time, nothing would be sent,
    /// and nothing measured any more.</param>
    public void Add(TimeSpan begun, TimeSpan ended, int bytes, long held, TimeSpan most)
    {
        var hasWaited = held > 0 && ended - begun >= Blocked;
        if (!_isBusy && !hasWaited) { return; }
        Measure(begun, ended, bytes);
        var rate = BytesPerSecond;
        if (rate <= 0) { return; }
        var left = hasWaited ? held / rate : Left(ended).TotalSeconds + (bytes / rate);
        _emptyAt = ended + (left < most.TotalSeconds ? TimeSpan.FromSeconds(left) : most);
    }

    /// <summary>What was written last is not sent any more; what is before it leaves in that time.</summary>
    public void HandleGivenUp(TimeSpan now, TimeSpan left) => _emptyAt = Left(now) > left ? now + left : _emptyAt;

    /// <summary>Nothing waits. When the path is empty too, the next object has it to itself, and what was measured does not stand in its way.</summary>
    public void HandleIdle(TimeSpan now)
    {
        if (_emptyAt > now) { return; }
        _isBusy = false;
        Volatile.Write(ref _rate, 0);
    }

    private void Measure(TimeSpan begun, TimeSpan ended, int bytes)
    {
        if (!_isBusy) { (_isBusy, _since, _bytes) = (true, begun, 0); }
        _bytes += bytes;
        if (ended - _since < Window) { return; }
        var measured = _bytes / (ended - _since).TotalSeconds;
        Volatile.Write(ref _rate, _rate == 0 ? measured : _rate + (Smoothing * (measured - _rate)));
        (_since, _bytes) = (ended, 0);
    }
}
