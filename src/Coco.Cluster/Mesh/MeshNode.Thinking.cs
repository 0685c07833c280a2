using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <content>What follows from a changed graph: who is within reach, over whom, and which links the node wants.</content>
internal sealed partial class MeshNode
{
    private readonly List<NodeId> _gained = [];
    private readonly List<NodeId> _lost = [];
    private int _knownBefore;
    private TimeSpan _choseAt;

    /// <summary>
    /// The neighbour to hand a datagram for <paramref name="node"/> to. A core node finds members of sub-clusters it does not keep over the
    /// nearest node that does; where it holds no certificate of the node, the caller says which sub-cluster that is.
    /// </summary>
    public bool TryRoute(NodeId node, TimeSpan now, out MeshRoute route, SubClusterId subCluster = default)
    {
        if (_graph.IsDirty) { ComputeRoutes(now); }
        if (subCluster.IsDefault && _members.IsMember(node)) { subCluster = _members.SubClusterOf(node); }
        var found = _graph.TryRoute(node, subCluster.IsDefault ? ScopeId.Core : ScopeId.Of(subCluster), out var way);
        route = new(way.NextHop, way.Hops, way.Aim);
        return found;
    }

    private void ComputeRoutes(TimeSpan now)
    {
        _graph.Compute(now, _gained, _lost);
        _events.Enqueue(new(MeshEventKind.GraphChanged));
        foreach (var node in _gained) { _events.Enqueue(new(MeshEventKind.Reachable, node)); }
        foreach (var node in _lost) { _events.Enqueue(new(MeshEventKind.Unreachable, node)); }
        if (_lost.Count > 0) { _forgetAt = Earlier(_forgetAt, now + (_options.Lifetime / 4)); }
        _gained.Clear();
        _lost.Clear();
    }

    private void Think(TimeSpan now)
    {
        _thinkAt = null;
        ComputeRoutes(now);
        _isGrowing = _graph.NodeCount > _knownBefore;
        _knownBefore = _graph.NodeCount;
        if (_isGrowing) { ThinkSoon(now); }
        FindCore();
        foreach (var own in _own) { SchedulePublish(own, now); }
        ReviewKept(now);
        EndBeginning(now);
        if (KnowsEnough(now)) { ChooseLinks(now); }
        TendLinks(now);
        _forgetAt ??= HasUnreachable() ? now + (_options.Lifetime / 4) : null;
    }

    // While more nodes come to be known with every message, the rings drawn now would be others a moment later.
    private bool KnowsEnough(TimeSpan now)
    {
        if (!IsBeginning && _isGrowing && _peers.Count > 0 && now - _choseAt < (_options.ThinkDelay + (Lateness(now) * 2)) * 12) { return false; }
        _choseAt = now;
        return true;
    }

    private bool HasUnreachable()
    {
        for (var slot = 1; slot < _graph.SlotCount; slot++)
        {
            if (!_graph[slot].Reachable && !_graph[slot].Id.IsDefault) { return true; }
        }
        return _own.Exists(own => own.Scope.IsSubCluster && FormerKeepers(own).Count > 0);
    }

    // A core node that was restarted does not know what it once said in a sub-cluster it does not keep any more.
    private List<int> FormerKeepers(OwnScope own)
    {
        var (former, keepers) = (new List<int>(), KeepersOf(own.Scope));
        for (var slot = 1; slot < _graph.SlotCount; slot++)
        {
            if ((_graph[slot].Flags & AdvertisementFlags.Core) == 0 || keepers.Contains(slot)) { continue; }
            if (_graph.Find(slot, own.Index) is not null) { former.Add(slot); }
        }
        return former;
    }

    // Who could not be reached for as long as it asked to be remembered is forgotten; while any is out of reach, we look again.
    private void Forget(TimeSpan now)
    {
        for (var slot = 1; slot < _graph.SlotCount; slot++)
        {
            ref var node = ref _graph[slot];
            if (node.Reachable || node.IsPeer || node.Id.IsDefault) { continue; }
            var lifetime = node.Entries?.Advertisement.LifetimeSeconds ?? 0;
            if ((now - node.LostAt).TotalSeconds >= lifetime) { _graph.Remove(slot); }
        }
        foreach (var own in _own)
        {
            if (!own.Scope.IsSubCluster) { continue; }
            foreach (var slot in FormerKeepers(own)) { _graph.Remove(slot, own.Index); }
        }
        _forgetAt = HasUnreachable() ? now + (_options.Lifetime / 4) : null;
        if (_graph.IsDirty) { ThinkSoon(now); }
    }
}
