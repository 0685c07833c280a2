using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Hosting;

/// <summary>
/// The graph at one moment, for any thread. Taking it costs little: advertisements never change, and what links they say is worked out
/// when somebody asks. While a network starts, few of the many that are taken are looked at.
/// </summary>
internal sealed class GraphSnapshot
{
    private readonly List<(NodeId Id, bool IsReachable, int Hops, bool? Forwards)> _nodes;
    private readonly List<(NodeId From, Advertisement Said)> _said;
    private readonly Lazy<GraphLink[]> _links;

    /// <summary>Takes it, on the thread of the graph. <paramref name="forwards"/>: whether its own node passes on what others send, which it says to nobody while it is alone.</summary>
    public GraphSnapshot(NetworkGraph graph, bool forwards)
    {
        (_nodes, _said, _links) = (new(graph.SlotCount), new(graph.SlotCount), new(FindLinks));
        for (var slot = 0; slot < graph.SlotCount; slot++)
        {
            ref var node = ref graph[slot];
            if (node.Id.IsDefault) { continue; }
            _nodes.Add((node.Id, node.Reachable, node.Reachable ? node.Way.Hops : 0, slot == 0 ? forwards : node.Entries is null ? null : (node.Flags & AdvertisementFlags.Forwards) != 0));
            for (var entry = node.Entries; entry is not null; entry = entry.Next) { _said.Add((node.Id, entry.Advertisement)); }
        }
    }

    /// <summary>All nodes, whether or not they can be reached.</summary>
    public IReadOnlyList<(NodeId Id, bool IsReachable, int Hops, bool? Forwards)> Nodes => _nodes;

    /// <summary>All links, each as one of its ends says it.</summary>
    public IReadOnlyList<GraphLink> Links => _links.Value;

    private GraphLink[] FindLinks()
    {
        var byTag = new Dictionary<NodeTag, NodeId>(_nodes.Count);
        foreach (var node in _nodes) { byTag[NodeTag.Of(node.Id)] = node.Id; }
        var links = new List<GraphLink>();
        var seen = new HashSet<(NodeId From, NodeId To)>();
        foreach (var (from, said) in _said)
        {
            for (var i = 0; i < said.LinkCount; i++)
            {
                var link = said.LinkAt(i);
                if (byTag.TryGetValue(link.Neighbour, out var to) && seen.Add((from, to))) { links.Add(new(from, to, TimeSpan.FromMilliseconds(link.Cost))); }
            }
        }
        return [.. links];
    }
}
