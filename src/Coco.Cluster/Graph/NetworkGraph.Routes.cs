using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <content>
/// Routes, computed when asked for after a change. Every hop decides anew, from what it sees, so a route has a shape on which those who see
/// different things agree: links of the sub-cluster at this end, then links of the core, then links of the sub-cluster at the other end.
/// <list type="bullet">
/// <item>To a member: over its sub-cluster alone where that leads there; all who take part in it see the same links.</item>
/// <item>To a core node, from the core: over the core alone, likewise. Who entered the core never leaves it on the way to a core node.</item>
/// <item>To a core node, from elsewhere: over the sub-cluster and then the core; each hop is nearer by the same measure until one of the
/// core is reached.</item>
/// <item>Where a piece of a sub-cluster is cut off: to a core node that is linked to it, the aim, and on from there.</item>
/// </list>
/// A core node that the core's links do not lead to is sought over the sub-clusters the node keeps, as if it were a member of them.
/// </content>
internal sealed partial class NetworkGraph
{
    // A way from core node to core node through a sub-cluster counts as longer than any that stays in the core, as those in the core think.
    private const uint Detour = 1 << 24;

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
            (_nodes[slot].Reachable, _nodes[slot].IsOnlyOurs) = (false, false);
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

    /// <summary>
    /// The way to a node: the neighbour, the links, and whom each hop routes to. A core node reaches a member of a sub-cluster it does not
    /// keep over the nearest node that does. Routes are as of the last <see cref="Compute"/>.
    /// </summary>
    public bool TryRoute(NodeId node, ScopeId home, out (NodeId NextHop, int Hops, NodeId Aim) route)
    {
        route = default;
        var slot = SlotOf(node);
        // Where we keep the sub-cluster ourselves, other keepers know no more than we do, and would send it back.
        if ((slot < 0 || !_nodes[slot].Reachable) && home.IsSubCluster && !Keeps(home)) { slot = NearestKeeper(home); }
        if (slot <= 0 || !_nodes[slot].Reachable) { return false; }
        ref var way = ref _nodes[slot].Way;
        route = (_nodes[way.FirstHop].Id, way.Hops, _nodes[way.Aim].Id);
        return true;
    }

    private bool Keeps(ScopeId scope) => ScopeIndexOf(scope) is >= 0 and var index && Find(0, (byte)index) is not null;

    private int NearestKeeper(ScopeId scope)
    {
        var (nearest, tag, attachments) = (-1, scope.Tag(), ScopeIndexOf(ScopeId.Attachments));
        for (var slot = 1; attachments >= 0 && slot < _count; slot++)
        {
            ref var node = ref _nodes[slot];
            if (!node.Reachable || (nearest >= 0 && node.Way.Cost >= _nodes[nearest].Way.Cost)) { continue; }
            if (Find(slot, (byte)attachments)?.Advertisement.TryFindLink(tag, out _) == true) { nearest = slot; }
        }
        return nearest;
    }

    private void Search()
    {
        // Only the core hears the attachments.
        var isCore = ScopeIndexOf(ScopeId.Attachments) >= 0;
        if (isCore) { SearchFromHere(CoreIndex, detour: 0); }
        for (var i = 0; i < _scopes.Count; i++)
        {
            if (_scopes[i].Scope.IsSubCluster && _scopes[i].Count > 0) { SearchFromHere((byte)i, isCore ? Detour : 0); }
        }
        SearchBeyond(isCore);
        var done = -1;
        foreach (var (scope, keeper) in _scratch.Missed)
        {
            if (scope == done || !_nodes[keeper].Reachable) { continue; }
            SearchBehind(scope);
            done = scope;
        }
        for (var slot = 1; slot < _count; slot++)
        {
            if (!_nodes[slot].IsPeer || _nodes[slot].Reachable) { continue; }
            Take(slot, LabelOfPeer(slot));
            _nodes[slot].IsOnlyOurs = true;
        }
    }

    private void SearchFromHere(byte scope, uint detour)
    {
        _scratch.Clear(_count);
        SpreadFromHere(scope);
        TakeAll(detour);
        for (var slot = 1; scope != CoreIndex && slot < _count; slot++)
        {
            if (_scratch.Labels[slot].Cost != RouteLabel.None || !IsInCore(slot)) { continue; }
            if (Find(slot, scope) is { Advertisement.LinkCount: > 0 }) { _scratch.Missed.Add((scope, (ushort)slot)); }
        }
    }

    // On into the core from wherever a sub-cluster touches it.
    private void SearchBeyond(bool isCore)
    {
        _scratch.Clear(_count);
        if (!isCore) { SeedPeers(CoreIndex, said: null, wasSaid: false); }
        for (var slot = 1; slot < _count; slot++)
        {
            if (_nodes[slot].Reachable && IsInCore(slot)) { Seed((ushort)slot, _nodes[slot].Way); }
        }
        Spread(CoreIndex);
        TakeAll(detour: 0);
    }

    // Pieces of a sub-cluster that only core nodes are linked to.
    private void SearchBehind(byte scope)
    {
        _scratch.Clear(_count);
        foreach (var (missedIn, keeper) in _scratch.Missed)
        {
            if (missedIn == scope && _nodes[keeper].Reachable) { Seed(keeper, _nodes[keeper].Way with { Aim = keeper }); }
        }
        Spread(scope);
        for (var slot = 1; slot < _count; slot++)
        {
            if (_scratch.Labels[slot].Cost != RouteLabel.None && !_nodes[slot].Reachable && !IsInCore(slot)) { Take(slot, _scratch.Labels[slot]); }
        }
    }

    private bool IsInCore(int slot) => _nodes[slot].Entries is not null && Find(slot, CoreIndex) is not null;

    private void TakeAll(uint detour)
    {
        for (var slot = 1; slot < _count; slot++)
        {
            if (_scratch.Labels[slot].Cost == RouteLabel.None) { continue; }
            var label = _scratch.Labels[slot] with { Aim = (ushort)slot };
            if (detour > 0 && IsInCore(slot)) { label.Cost += detour; }
            Take(slot, label);
        }
    }

    private void Take(int slot, in RouteLabel label)
    {
        ref var node = ref _nodes[slot];
        if (node.Reachable && node.Way.Cost <= label.Cost) { return; }
        (node.Reachable, node.Way) = (true, label);
    }
}
