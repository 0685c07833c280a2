using System.Runtime.InteropServices;
using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>
/// What clients used since it was last taken. Sessions count for themselves, which costs one addition for each datagram; they are read when usage
/// is taken, and before they end or somebody else pays for them.
/// </summary>
internal sealed class RelayMeter(int maxEntries)
{
    private readonly List<RelayLeg> _counting = [];
    private Dictionary<(NodeId Client, string Network), (long Relayed, long Control)> _used = [];

    /// <summary>Who pays for what a leg's client sends there: its network, for a stranger that of the other end.</summary>
    public static string PayerOf(RelayLeg leg) => (leg.Client.IsStranger ? leg.Other : leg).Client.Network;

    /// <summary>A datagram was forwarded for a leg's client.</summary>
    public void Count(RelayLeg leg, int bytes)
    {
        if (leg.Used == 0)
        {
            leg.CountingIndex = _counting.Count;
            _counting.Add(leg);
        }
        leg.Used += bytes;
    }

    public void CountControl(RelayServerClient client, long bytes) => Add(client.Id, client.Network, 0, bytes);

    /// <summary>The session ends, or others pay for it from now on.</summary>
    public void Settle(RelaySession session)
    {
        Settle(session.Opener);
        Settle(session.Target);
    }

    /// <summary>All that was used since this was last called, each byte once.</summary>
    public IReadOnlyList<RelayUsage> Take()
    {
        while (_counting.Count > 0) { Settle(_counting[^1]); }
        var used = _used;
        _used = [];
        return [.. used.Select(static one => new RelayUsage(one.Key.Client, one.Key.Network, one.Value.Relayed, one.Value.Control))];
    }

    private void Settle(RelayLeg leg)
    {
        if (leg.Used == 0) { return; }
        Add(leg.Client.Id, PayerOf(leg), leg.Used, 0);
        leg.Used = 0;
        var last = _counting[^1];
        _counting[leg.CountingIndex] = last;
        last.CountingIndex = leg.CountingIndex;
        _counting.RemoveAt(_counting.Count - 1);
    }

    // Where there is no room it is forgotten who it was, and as the last resort which network's; the sums hold.
    private void Add(NodeId client, string network, long relayed, long control)
    {
        if (_used.Count >= maxEntries && !_used.ContainsKey((client, network))) { client = default; }
        if (_used.Count >= 2L * maxEntries && !_used.ContainsKey((client, network))) { network = ""; }
        ref var used = ref CollectionsMarshal.GetValueRefOrAddDefault(_used, (client, network), out _);
        used.Relayed += relayed;
        used.Control += control;
    }
}
