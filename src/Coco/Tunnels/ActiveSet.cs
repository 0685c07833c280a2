using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>What is under way at one place, so that it can be counted and cut off. Thread-safe.</summary>
/// <param name="most">How much at once.</param>
internal sealed class ActiveSet(int most)
{
    private readonly Lock _lock = new(); // guards the two below
    private readonly HashSet<ITunnelPart> _parts = [];
    private bool _isClosed;

    public int Most => most;

    public int Count
    {
        get
        {
            lock (_lock) { return _parts.Count; }
        }
    }

    /// <summary>Whose parts they are.</summary>
    public NodeId[] Peers
    {
        get
        {
            lock (_lock) { return [.. _parts.Select(static part => part.Peer).Distinct()]; }
        }
    }

    /// <summary>False when it is full or closed.</summary>
    public bool TryAdd(ITunnelPart part)
    {
        lock (_lock) { return !_isClosed && _parts.Count < most && _parts.Add(part); }
    }

    public void Remove(ITunnelPart part)
    {
        lock (_lock) { _parts.Remove(part); }
    }

    /// <summary>Cuts off the one that is longest idle, and forgets it.</summary>
    public bool TryEvict(Func<ITunnelPart, TimeSpan> idle)
    {
        ITunnelPart? longest;
        lock (_lock)
        {
            longest = _isClosed ? null : _parts.MaxBy(idle);
            if (longest is not null) { _parts.Remove(longest); }
        }
        longest?.Abort();
        return longest is not null;
    }

    /// <summary>Cuts off all that is there, or some of it.</summary>
    public void Abort(Func<ITunnelPart, bool>? which = null)
    {
        ITunnelPart[] parts;
        lock (_lock) { parts = [.. which is null ? _parts : _parts.Where(which)]; }
        foreach (var part in parts) { part.Abort(); }
    }

    /// <summary>Cuts all off and takes no more.</summary>
    public void Close()
    {
        lock (_lock) { _isClosed = true; }
        Abort();
    }
}
