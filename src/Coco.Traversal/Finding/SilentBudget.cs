namespace Coco.Traversal.Finding;

/// <summary>
/// How many probes may still go to addresses that never answered: a peer that names a victim's address as its own gets no more than this
/// sent there. In any minute at most the given number, in all and to one address.
/// </summary>
internal sealed class SilentBudget(int total, int perAddress)
{
    // Slices of ten seconds; the slice in progress and the six before it cover any minute that ends now.
    private const int Slices = 7;
    private static readonly long SliceTicks = TimeSpan.TicksPerMinute / (Slices - 1);

    private readonly int[] _sent = new int[Slices];
    private readonly Dictionary<NetworkAddress, Share> _shares = [];
    private long _slice = -1;

    /// <summary>Whether nothing was sent for so long that a new budget would be the same.</summary>
    public bool IsForgotten(TimeSpan now) => (now.Ticks / SliceTicks) - _slice >= Slices;

    /// <summary>Takes one probe to an address, when there is one left.</summary>
    public bool TryTake(in NetworkAddress address, TimeSpan now)
    {
        Advance(now.Ticks / SliceTicks);
        if (_sent.Sum() >= total) { return false; }
        if (!_shares.TryGetValue(address, out var share))
        {
            if (_shares.Count >= Math.Max(total / 2, 256)) { return false; }
        }
        // The share comes back after a minute without a probe.
        if (share.Count == perAddress) { return false; }
        _shares[address] = new(share.Count + 1, _slice);
        _sent[_slice % Slices]++;
        return true;
    }

    /// <summary>So many probes to an address were taken, and it has answered: they were none to somebody who is silent. No more is given back than one connection took,
    /// so that a peer that answers in a victim's name gets little more sent there for each answer.</summary>
    public void GiveBack(in NetworkAddress address, int count, TimeSpan now)
    {
        Advance(now.Ticks / SliceTicks);
        if (!_shares.TryGetValue(address, out var share)) { return; }
        if (share.Count <= count) { _shares.Remove(address); }
        else { _shares[address] = share with { Count = share.Count - count }; }
        var slice = _slice % Slices;
        _sent[slice] = Math.Max(0, _sent[slice] - Math.Min(share.Count, count));
    }

    /// <summary>Takes one probe to a port that was drawn: of those, each address gets as many as there are in all.</summary>
    public bool TryTake(TimeSpan now)
    {
        Advance(now.Ticks / SliceTicks);
        if (_sent.Sum() >= total) { return false; }
        _sent[_slice % Slices]++;
        return true;
    }

    private void Advance(long slice)
    {
        if (slice == _slice) { return; }
        if (slice - _slice >= Slices) { Array.Clear(_sent); }
        for (var passed = Math.Max(_slice + 1, slice - Slices + 1); passed <= slice; passed++) { _sent[passed % Slices] = 0; }
        _slice = slice;
        foreach (var (address, share) in _shares)
        {
            if (slice - share.LastSlice >= Slices) { _shares.Remove(address); }
        }
    }

    private readonly record struct Share(int Count, long LastSlice);
}
