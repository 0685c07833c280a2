using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Traversal.Hops;

namespace Coco.Hosting;

/// <summary>
/// The ways of one node through its network at one moment, for the endpoint, which asks on a thread of its own. Routes are those of the graph;
/// where a neighbour on one has failed before the graph knows, another way is looked for in what the graph says.
/// </summary>
internal sealed class RouteView
{
    private readonly NodeView _view;
    private readonly List<NodeId> _neighbours = []; // those that ways begin with
    private readonly short[] _nextOf; // of each of the graph's nodes in their order, which neighbour; -1 where there is no way
    private readonly Dictionary<NodeId, NodeId> _aims = []; // of those whose way leads to somebody else, who keeps their sub-cluster
    private readonly Lazy<Dictionary<NodeId, (NodeId Next, NodeId Aim)>> _routes; // by whom they lead to
    private readonly Lazy<Dictionary<NodeId, List<NodeId>>> _links; // those that both ends say
    private readonly Dictionary<SubClusterId, (NodeId Next, NodeId Aim)> _elsewhere = []; // sub-clusters whose members are in no graph here
    private readonly Dictionary<NodeId, Place> _removed; // the state's, which never changes once it is one
    private readonly NodeId _self;
    private readonly bool _forwards;
    private readonly bool _isOpen;

    /// <summary>Takes them, on the thread of the member. That costs little: while a network starts, few of the many that are taken are asked.</summary>
    public RouteView(NetworkMember member, NodeView view, TimeSpan now)
    {
        (_self, _forwards, _isOpen) = (member.Self, member.Forwards, member.State.Profile is NetworkProfile.Open);
        _removed = member.State.Facts.RevokedNodes;
        _view = view;
        var graph = view.Snapshot;
        _nextOf = new short[graph.Nodes.Count];
        for (var i = 0; i < _nextOf.Length; i++)
        {
            var node = graph.Nodes[i];
            _nextOf[i] = -1;
            if (!node.IsReachable || !member.TryRoute(node.Id, default, now, out var route)) { continue; }
            _nextOf[i] = NumberOf(route.NextHop);
            if (route.Aim != node.Id) { _aims[node.Id] = route.Aim; }
        }
        _routes = new(MapRoutes);
        var home = member.State.SubClusterOf(member.Certificate);
        foreach (var subCluster in view.Members.Where(static one => !one.IsCore && !one.IsReachable).Select(static one => one.SubCluster).Distinct())
        {
            if (subCluster != home && member.TryRouteTo(subCluster, now, out var route)) { _elsewhere[subCluster] = (route.NextHop, route.Aim); }
        }
        _links = new(() => LinksOf(graph));
    }

    /// <summary>The neighbour to hand a session to (<see cref="IHopRouter.TryNextHop"/>).</summary>
    public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim)
    {
        foreach (var goal in (ReadOnlySpan<NodeId>)[request.Target, request.Aim])
        {
            if (goal.IsDefault || goal == _self) { continue; }
            if (_routes.Value.TryGetValue(goal, out var route) && route.Next != request.From && route.Next != request.Origin && !avoid.Contains(route.Next))
            {
                (next, nextAim) = route;
                return true;
            }
            if (TryDetour(goal, request, avoid, out next))
            {
                nextAim = goal;
                return true;
            }
        }
        (next, nextAim) = (default, default);
        if (!_view.ById.TryGetValue(request.Target, out var target) || !_elsewhere.TryGetValue(target.SubCluster, out var away)) { return false; }
        if (away.Next == request.From || away.Next == request.Origin || avoid.Contains(away.Next)) { return false; }
        (next, nextAim) = away;
        return true;
    }

    /// <summary>Whether this node passes a session on (<see cref="IHopRouter.MayForward"/>): it does such things, and the two ends see each other, as
    /// far as it sees both. Of members of other sub-clusters, core nodes speak; in an open network any member may.</summary>
    public bool MayForward(in HopRequest request)
    {
        if (!_forwards || !_view.ById.TryGetValue(request.From, out var from)) { return false; }
        var (origin, target) = (_view.ById.GetValueOrDefault(request.Origin), _view.ById.GetValueOrDefault(request.Target));
        if (_isOpen) { return !_removed.ContainsKey(request.Origin) && !_removed.ContainsKey(request.Target); }
        if (origin is null || target is null) { return from.IsCore || (origin is not null && origin.IsCore); }
        return origin.IsCore || target.IsCore || origin.SubCluster == target.SubCluster;
    }

    // A node has at most some thousand neighbours, and ways begin with a dozen of them.
    private short NumberOf(NodeId neighbour)
    {
        var number = _neighbours.IndexOf(neighbour);
        if (number >= 0) { return (short)number; }
        _neighbours.Add(neighbour);
        return (short)(_neighbours.Count - 1);
    }

    private Dictionary<NodeId, (NodeId Next, NodeId Aim)> MapRoutes()
    {
        var routes = new Dictionary<NodeId, (NodeId Next, NodeId Aim)>(_nextOf.Length);
        for (var i = 0; i < _nextOf.Length; i++)
        {
            if (_nextOf[i] < 0) { continue; }
            var node = _view.Snapshot.Nodes[i].Id;
            routes[node] = (_neighbours[_nextOf[i]], _aims.GetValueOrDefault(node, node));
        }
        return routes;
    }

    private static Dictionary<NodeId, List<NodeId>> LinksOf(GraphSnapshot graph)
    {
        var links = new Dictionary<NodeId, List<NodeId>>();
        var said = graph.Links.Select(static link => (link.From, link.To)).ToHashSet();
        foreach (var (from, to) in said)
        {
            if (!said.Contains((to, from))) { continue; }
            if (!links.TryGetValue(from, out var others)) { links[from] = others = []; }
            others.Add(to);
        }
        return links;
    }

    // Breadth first from the goal back to us; whoever is reached and is a neighbour of ours is the next hop.
    private bool TryDetour(NodeId goal, in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next)
    {
        next = default;
        if (!_links.Value.TryGetValue(_self, out var neighbours)) { return false; }
        var seen = new HashSet<NodeId> { goal, _self };
        var queue = new Queue<NodeId>([goal]);
        while (queue.TryDequeue(out var node))
        {
            if (node != request.From && node != request.Origin && !avoid.Contains(node) && neighbours.Contains(node))
            {
                next = node;
                return true;
            }
            // Whoever is to be avoided as a neighbour is no good further on either: it is most likely dead.
            if (node == request.From || avoid.Contains(node) || !_links.Value.TryGetValue(node, out var links)) { continue; }
            foreach (var link in links)
            {
                if (seen.Add(link)) { queue.Enqueue(link); }
            }
        }
        return false;
    }
}
