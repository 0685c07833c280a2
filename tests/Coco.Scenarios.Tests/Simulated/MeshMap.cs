using Coco.Crypto;
using Coco.Traversal.Hops;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A router that knows all links, as every node's graph would: shortest way, first found.</summary>
internal sealed class MeshMap : IHopRouter
{
    private readonly Dictionary<NodeId, List<NodeId>> _links = [];

    /// <summary>Nodes that do not forward.</summary>
    public HashSet<NodeId> Refusing { get; } = [];

    /// <summary>Next hops that somebody is sure of, whatever is shortest; for nodes that route in circles.</summary>
    public Dictionary<NodeId, NodeId> Forced { get; } = [];

    public void Add(NodeId one, NodeId other)
    {
        Of(one).Add(other);
        Of(other).Add(one);
    }

    public void Remove(NodeId one, NodeId other)
    {
        Of(one).Remove(other);
        Of(other).Remove(one);
    }

    public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim)
    {
        nextAim = request.Target;
        if (Forced.TryGetValue(request.Self, out next)) { return !avoid.Contains(next); }
        var seen = new HashSet<NodeId> { request.Self, request.From };
        var queue = new Queue<(NodeId At, NodeId First)>();
        foreach (var first in Of(request.Self))
        {
            if (!avoid.Contains(first) && seen.Add(first)) { queue.Enqueue((first, first)); }
        }
        while (queue.TryDequeue(out var entry))
        {
            next = entry.First;
            if (entry.At == request.Target) { return true; }
            foreach (var neighbour in Of(entry.At))
            {
                if (seen.Add(neighbour)) { queue.Enqueue((neighbour, entry.First)); }
            }
        }
        return false;
    }

    public bool MayForward(in HopRequest request) => !Refusing.Contains(request.Self);

    private List<NodeId> Of(NodeId node)
    {
        if (!_links.TryGetValue(node, out var links)) { _links.Add(node, links = []); }
        return links;
    }
}
