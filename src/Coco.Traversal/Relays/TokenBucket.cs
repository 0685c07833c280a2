namespace Coco.Traversal.Relays;

/// <summary>
/// A rate with a burst, exact: tokens are counted in ten-millionths, so that a tick at any whole rate is a whole number and no time is
/// lost to rounding. Full at first.
/// </summary>
/// <param name="rate">Tokens per second, at most 50 billion.</param>
/// <param name="burst">Tokens it holds; rate × 10 at most, so that nothing overflows.</param>
internal struct TokenBucket(long rate, long burst)
{
    private readonly long _rate = rate;
    private readonly long _capacity = burst * TimeSpan.TicksPerSecond;
    private long _level = burst * TimeSpan.TicksPerSecond;
    private long _filledAt = long.MinValue;

    public void Refill(TimeSpan now)
    {
        if (now.Ticks <= _filledAt) { return; }
        var elapsed = (ulong)now.Ticks - (ulong)_filledAt;
        _filledAt = now.Ticks;
        var missing = (ulong)(_capacity - _level);
        _level = elapsed > missing / (ulong)_rate ? _capacity : _level + ((long)elapsed * _rate);
    }

    public readonly bool Has(int count) => _level >= count * TimeSpan.TicksPerSecond;

    /// <summary>How long it takes to have so many, at least a tick; zero when they are there.</summary>
    public readonly TimeSpan TimeUntil(int count)
    {
        var missing = (count * TimeSpan.TicksPerSecond) - _level;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((missing + _rate - 1) / _rate);
    }

    public void Take(int count) => _level -= count * TimeSpan.TicksPerSecond;

    public bool TryTake(TimeSpan now)
    {
        Refill(now);
        if (!Has(1)) { return false; }
        Take(1);
        return true;
    }
}
