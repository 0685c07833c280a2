using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <content>
/// Shortest paths (Dijkstra), computed when asked for after a change. A link counts when both ends advertise it, in whatever scopes, so
/// nobody can draw ways to itself; it costs what the dearer end says. Who does not forward is reached but not passed.
/// </content>
internal sealed partial class NetworkGraph
{
    /// <summary>Computes routes if anything changed; fills the lists with nodes that came within reach and that went out of it.</summary>
    public void Compute(TimeSpan now, List<NodeId>? gained = null, List<NodeId>? lost = null)
    {
        if (!IsDirty) { return; }
        IsDirty = false;
        Resolve();
        _scratch.Prepare(_count);
        for (var slot = 1; slot < _count; slot++)
        {
            _scratch.WasReachable[slot] = _nodes[slot].Reachable;
            _nodes[slot].Reachable = false;
        }
        Search();
        for (var slot = 1; slot < _count; slot++)
        {
            ref var node = ref _nodes[slot];
            if (node.Id.IsDefault || node.Reachable == _scratch.WasReachable[slot]) { continue; }
            if (node.Reachable) { gained?.Add(node.Id); continue; }
            node.LostAt = now;
            lost?.Add(node.Id);
        }
    }

    /// <summary>The neighbour to hand a datagram for a node to. Routes are as of the last <see cref="Compute"/>.</summary>
    public bool TryRoute(int slot, out NodeId nextHop, out int hops)
    {
        ref var node = ref _nodes[slot];
        nextHop = node.Reachable ? _nodes[node.FirstHop].Id : default;
        hops = node.Hops;
        return node.Reachable && slot != 0;
    }

    /// <summary>
    /// Whom to route to first, on the way to a node: from there on, and not before, everybody on the way sees the node, because all are of
    /// its sub-cluster or keep it.
    /// </summary>
    public int AimFor(int slot)
    {
        if ((_nodes[slot].Flags & AdvertisementFlags.Core) != 0 || _nodes[slot].Entries is not { } entry) { return slot; }
        var here = slot;
        for (var before = _nodes[here].Previous; before != 0; before = _nodes[here].Previous)
        {
            if (Find(before, entry.Scope) is null) { return here; }
            here = before;
        }
        return slot;
    }

    private void Search()
    {
        var (queue, costs) = (_scratch.Queue, _scratch.Costs);
        costs[0] = 0;
        for (var slot = 1; slot < _count; slot++)
        {
            if (!_nodes[slot].IsPeer) { continue; }
            Reach((ushort)slot, from: 0, OwnCost(slot));
        }
        while (queue.TryDequeue(out var from, out var cost))
        {
            ref var node = ref _nodes[from];
            if (cost != costs[from] || node.Hops >= _options.MaxHops || (node.Flags & AdvertisementFlags.Forwards) == 0) { continue; }
            for (var entry = node.Entries; entry is not null; entry = entry.Next)
            {
                if (entry.Advertisement.Scope.IsAttachments) { continue; }
                Follow(from, entry, cost);
            }
        }
    }

    private void Follow(ushort from, GraphEntry entry, uint cost)
    {
        for (var i = 0; i < entry.Links.Length; i++)
        {
            var to = entry.Links[i];
            if (to is GraphEntry.Unknown or 0 || _scratch.Costs[to] <= cost + 1) { continue; }
            if (!IsConfirmed(to, from, out var back)) { continue; }
            Reach(to, from, cost + Math.Max(entry.Advertisement.LinkAt(i).Cost, back));
        }
    }

    private void Reach(ushort slot, ushort from, uint cost)
    {
        if (cost >= _scratch.Costs[slot]) { return; }
        ref var node = ref _nodes[slot];
        (node.Reachable, node.Previous, node.Cost) = (true, from, cost);
        node.FirstHop = from == 0 ? slot : _nodes[from].FirstHop;
        node.Hops = (byte)(from == 0 ? 1 : _nodes[from].Hops + 1);
        _scratch.Costs[slot] = cost;
        _scratch.Queue.Enqueue(slot, cost);
    }

    private bool IsConfirmed(ushort from, ushort to, out ushort cost)
    {
        for (var entry = _nodes[from].Entries; entry is not null; entry = entry.Next)
        {
            var at = Array.IndexOf(entry.Links, to);
            if (at < 0 || entry.Advertisement.Scope.IsAttachments) { continue; }
            cost = entry.Advertisement.LinkAt(at).Cost;
            return true;
        }
        cost = 0;
        return false;
    }

    // A neighbour is a neighbour whether it says so or not; what it costs is what we advertise.
    private uint OwnCost(int slot)
    {
        for (var entry = _nodes[0].Entries; entry is not null; entry = entry.Next)
        {
            if (entry.Advertisement.TryFindLink(NodeTag.Of(_nodes[slot].Id), out var link)) { return link.Cost; }
        }
        return 1;
    }

    private void Resolve()
    {
        if (!_hasUnresolved && !_resolveAll) { return; }
        for (var slot = 0; slot < _count; slot++)
        {
            for (var entry = _nodes[slot].Entries; entry is not null; entry = entry.Next)
            {
                if ((entry.Unresolved || _resolveAll) && !entry.Advertisement.Scope.IsAttachments) { Resolve(entry); }
            }
        }
        (_hasUnresolved, _resolveAll) = (false, false);
    }

    private void Resolve(GraphEntry entry)
    {
        var links = entry.Links.Length == entry.Advertisement.LinkCount ? entry.Links : new ushort[entry.Advertisement.LinkCount];
        entry.Unresolved = false;
        for (var i = 0; i < links.Length; i++)
        {
            var slot = SlotOf(entry.Advertisement.LinkAt(i).Neighbour);
            links[i] = slot < 0 ? GraphEntry.Unknown : (ushort)slot;
            entry.Unresolved |= slot < 0;
        }
        entry.Links = links;
    }
}
