using Coco.Cli.Api;

namespace Coco.Cli.Commands.Graphs;

/// <summary>The graph as seen from one node: who is a neighbour, and over whom the others are first met (breadth first).</summary>
internal sealed class GraphTree
{
    private readonly Dictionary<string, List<(string To, double Ms)>> _links = new(StringComparer.Ordinal);

    public GraphTree(GraphView graph)
    {
        Nodes = graph.Nodes.ToDictionary(static node => node.Id, StringComparer.Ordinal);
        foreach (var link in graph.Links)
        {
            Of(link.From).Add((link.To, link.RoundTripMs));
            Of(link.To).Add((link.From, link.RoundTripMs));
        }
        foreach (var links in _links.Values) { links.Sort((one, other) => string.CompareOrdinal(NameOf(one.To), NameOf(other.To))); }
        Grow(graph.Self);
    }

    public IReadOnlyDictionary<string, GraphNodeView> Nodes { get; }

    /// <summary>The nodes at each distance, the one itself first.</summary>
    public List<List<string>> Rings { get; } = [];

    /// <summary>Whom each is first met over.</summary>
    public Dictionary<string, string> Parents { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<(string To, double Ms)> LinksOf(string node) => _links.GetValueOrDefault(node) ?? [];

    public string NameOf(string node) => Nodes.GetValueOrDefault(node) is { Name.Length: > 0 } known ? known.Name : Tables.Short(node);

    /// <summary>Those that no link leads to.</summary>
    public IEnumerable<GraphNodeView> Apart => Nodes.Values.Where(node => !Rings.Any(ring => ring.Contains(node.Id))).OrderBy(node => NameOf(node.Id), StringComparer.Ordinal);

    private List<(string To, double Ms)> Of(string node) => _links.TryGetValue(node, out var links) ? links : _links[node] = [];

    private void Grow(string self)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { self };
        for (List<string> ring = [self]; ring.Count > 0;)
        {
            Rings.Add(ring);
            var next = new List<string>();
            foreach (var node in ring)
            {
                foreach (var (to, _) in LinksOf(node))
                {
                    if (!seen.Add(to)) { continue; }
                    Parents[to] = node;
                    next.Add(to);
                }
            }
            ring = next;
        }
    }
}
