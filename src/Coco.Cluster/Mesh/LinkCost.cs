namespace Coco.Cluster.Mesh;

/// <summary>
/// What a link costs, in milliseconds: the least round trip of a minute or two, because what is more than that is queues, which come and go
/// with the traffic, and routes that followed them would swing to and fro.
/// </summary>
internal sealed class LinkCost
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Chosen: others need not hear of less than a factor of two, nor of what one network card differs from another by, nor of each change of a link
    // that cannot decide.
    private const int LeastChange = 4;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(1);

    private TimeSpan? _least; // since the window began
    private TimeSpan? _leastBefore; // in the window before
    private TimeSpan _windowEnd;
    private TimeSpan? _toldAt;
    private bool _isMeasured;

    /// <summary>With the first round trip that was measured; zero for none.</summary>
    public LinkCost(TimeSpan rtt, TimeSpan now)
    {
        (_windowEnd, Told) = (now + Window, CostOf(rtt));
        if (rtt > TimeSpan.Zero) { (_least, _isMeasured) = (rtt, true); }
    }

    /// <summary>What others are told, at least 1.</summary>
    public ushort Told { get; private set; }

    /// <summary>Takes a round trip, and says whether others should hear of another cost now.</summary>
    public bool Take(TimeSpan rtt, TimeSpan now)
    {
        if (rtt <= TimeSpan.Zero) { return false; }
        if (now >= _windowEnd)
        {
            _leastBefore = now < _windowEnd + Window ? _least : null;
            (_least, _windowEnd) = (null, now + Window);
        }
        _least = Lesser(_least, rtt);
        var cost = CostOf(Lesser(_leastBefore, _least.Value));
        var isFar = cost >= Told * 2 || cost * 2 <= Told;
        if (_isMeasured && (!isFar || Math.Abs(cost - Told) < LeastChange || now - _toldAt < LeastInterval)) { return false; }
        if (_isMeasured) { _toldAt = now; }
        var isOther = cost != Told;
        (Told, _isMeasured) = (cost, true);
        return isOther;
    }

    /// <summary>The link goes another way: what was measured is of no account.</summary>
    public void Forget(TimeSpan now) => (_least, _leastBefore, _windowEnd) = (null, null, now + Window);

    private static TimeSpan Lesser(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    private static ushort CostOf(TimeSpan rtt) => (ushort)Math.Clamp(rtt.TotalMilliseconds, 1, ushort.MaxValue);
}
