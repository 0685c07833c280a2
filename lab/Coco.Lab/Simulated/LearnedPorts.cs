using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>Which outer endpoint belongs to which inner one, and whom it has sent to: learned from packets on their way out, and from
/// nothing else.</summary>
internal sealed class LearnedPorts
{
    private const int SweepFrom = 1024;

    private readonly Dictionary<NetworkAddress, (NetworkAddress Inner, TimeSpan Expires)> _inner = [];
    private readonly Dictionary<NetworkAddress, (NetworkAddress Outer, TimeSpan Expires)> _outer = [];
    private readonly Dictionary<(NetworkAddress Outer, NetworkAddress Remote), TimeSpan> _permitted = [];
    private int _sweepAt = SweepFrom;

    public void Learn(NetworkAddress inner, NetworkAddress outer, NetworkAddress remote, TimeSpan expires, TimeSpan now)
    {
        if (_permitted.Count >= _sweepAt) { Sweep(now); }
        _inner[outer] = (inner, expires);
        // An endpoint with several outer ports keeps the first for as long as it lives.
        _outer[inner] = (TryFindOuter(inner, now, out var first) ? first : outer, expires);
        _permitted[(outer, remote.WithPort(0))] = expires;
    }

    public bool TryFindOuter(NetworkAddress inner, TimeSpan now, out NetworkAddress outer)
    {
        var isKnown = _outer.TryGetValue(inner, out var entry) && entry.Expires > now;
        outer = entry.Outer;
        return isKnown;
    }

    public bool TryFindInner(NetworkAddress outer, TimeSpan now, out NetworkAddress inner)
    {
        var isKnown = _inner.TryGetValue(outer, out var entry) && entry.Expires > now;
        inner = entry.Inner;
        return isKnown;
    }

    public bool HasSentTo(NetworkAddress outer, NetworkAddress remote, TimeSpan now) =>
        _permitted.TryGetValue((outer, remote.WithPort(0)), out var expires) && expires > now;

    public void Clear()
    {
        _inner.Clear();
        _outer.Clear();
        _permitted.Clear();
    }

    private void Sweep(TimeSpan now)
    {
        foreach (var (outer, entry) in _inner.ToArray()) { if (entry.Expires <= now) { _inner.Remove(outer); } }
        foreach (var (inner, entry) in _outer.ToArray()) { if (entry.Expires <= now) { _outer.Remove(inner); } }
        foreach (var (pair, expires) in _permitted.ToArray()) { if (expires <= now) { _permitted.Remove(pair); } }
        _sweepAt = Math.Max(SweepFrom, 2 * _permitted.Count);
    }
}
