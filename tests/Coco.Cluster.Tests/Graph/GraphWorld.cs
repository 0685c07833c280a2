using Coco.Cluster.Graph;
using Coco.Cluster.Tests.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Graph;

/// <summary>A settled network drawn by chance: every node holds what it may see, and no more.</summary>
internal sealed class GraphWorld
{
    private readonly MeshDice _dice;
    private readonly List<Node> _nodes = [];
    private readonly HashSet<(int, int, ScopeId)> _links = [];
    private readonly Dictionary<(int, int), ushort> _costs = [];

    public GraphWorld(ulong seed, GraphWorldShape shape)
    {
        _dice = new(seed);
        for (var i = 0; i < shape.Core; i++) { Add(ScopeId.Core, shape); }
        Link([.. Enumerable.Range(0, shape.Core)], ScopeId.Core, shape.CoreLinks);
        for (var i = 0; i < shape.SubClusters; i++)
        {
            var scope = ScopeId.Of(new($"app-{i}"));
            var first = _nodes.Count;
            for (var j = 0; j < shape.Members; j++) { Add(scope, shape); }
            var keepers = Enumerable.Range(0, shape.Core).OrderBy(_ => _dice.Next64()).Take(shape.Keepers).ToArray();
            foreach (var keeper in keepers) { _nodes[keeper].Kept.Add(scope); }
            Link([.. Enumerable.Range(first, shape.Members), .. keepers], scope, shape.MemberLinks);
        }
        Tell();
    }

    public IReadOnlyList<Node> Nodes => _nodes;

    public bool IsLinked(Node one, Node other) => _links.Any(link => (link.Item1, link.Item2) == (one.Index, other.Index));

    /// <summary>Whether links lead from one node to another: of the scope at this end, then the core's, then of the scope at the other end.</summary>
    public bool HasWay(Node from, Node to)
    {
        var reached = from.Kept.SelectMany(scope => Spread([from], scope)).ToHashSet();
        if (to.IsCore && from.IsCore) { return Spread([from], ScopeId.Core).Contains(to) || Spread(reached, ScopeId.Core).Contains(to); }
        if (to.IsCore) { return Spread(Spread([from], from.Scope), ScopeId.Core).Contains(to); }
        // Into the core where the own sub-cluster leads, or a core node through those it keeps; then where that of the destination begins.
        var start = from.IsCore ? [from] : Spread([from], from.Scope);
        var core = Spread(start.Where(node => node.IsCore), ScopeId.Core);
        return Spread([from, .. core.Where(node => node.Kept.Contains(to.Scope))], to.Scope).Contains(to);
    }

    private HashSet<Node> Spread(IEnumerable<Node> from, ScopeId scope)
    {
        var reached = from.ToHashSet();
        var start = reached.ToHashSet();
        var open = new Queue<Node>(reached);
        while (open.TryDequeue(out var node))
        {
            if (!node.Forwards && !start.Contains(node)) { continue; }
            foreach (var (_, next, _) in _links.Where(link => link.Item1 == node.Index && link.Item3 == scope))
            {
                if (reached.Add(_nodes[next])) { open.Enqueue(_nodes[next]); }
            }
        }
        return reached;
    }

    private void Add(ScopeId scope, GraphWorldShape shape)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        _dice.Source.Fill(bytes);
        _nodes.Add(new(_nodes.Count, NodeId.Read(bytes), scope, forwards: scope.IsCore || !_dice.Chance(shape.Leaves)));
    }

    // On average so many links a node; which pieces come of it is left to chance.
    private void Link(int[] members, ScopeId scope, double links)
    {
        foreach (var one in members)
        {
            foreach (var other in members)
            {
                if (one >= other || !_dice.Chance(links / members.Length)) { continue; }
                _links.Add((one, other, scope));
                _links.Add((other, one, scope));
                _costs.TryAdd((one, other), (ushort)(1 + _dice.Next(60)));
                _costs.TryAdd((other, one), (ushort)(1 + _dice.Next(60)));
            }
        }
    }

    private void Tell()
    {
        foreach (var speaker in _nodes)
        {
            foreach (var scope in speaker.Scopes)
            {
                var advertisement = Advertise(speaker, scope);
                foreach (var hearer in _nodes.Where(node => node.Hears(scope))) { hearer.Put(advertisement); }
            }
        }
        foreach (var (one, other, _) in _links) { _nodes[one].Graph.SetPeer(_nodes[one].Graph.Intern(_nodes[other].Id, TimeSpan.Zero), isPeer: true); }
        foreach (var node in _nodes) { node.Graph.Compute(TimeSpan.Zero); }
    }

    private Advertisement Advertise(Node speaker, ScopeId scope)
    {
        var links = scope.IsAttachments
            ? speaker.Kept.Select(kept => new AdvertisedLink(kept.Tag(), 1, LinkFlags.None))
            : _links.Where(link => link.Item1 == speaker.Index && link.Item3 == scope)
                .Select(link => new AdvertisedLink(NodeTag.Of(_nodes[link.Item2].Id), _costs[(link.Item1, link.Item2)], LinkFlags.None));
        var flags = (speaker.IsCore ? AdvertisementFlags.Core : 0) | (speaker.Forwards ? AdvertisementFlags.Forwards : 0);
        return Advertisement.Sign(new CheapSeal(speaker.Id), speaker.Id, scope, 1, flags, 7200, [.. links.OrderBy(link => link.Neighbour)]);
    }

    internal sealed class Node
    {
        public Node(int index, NodeId id, ScopeId scope, bool forwards)
        {
            (Index, Id, Scope, Forwards) = (index, id, scope, forwards);
            Graph = new(id, new(), new());
        }

        public int Index { get; }

        public NodeId Id { get; }

        public ScopeId Scope { get; }

        public bool IsCore => Scope.IsCore;

        public bool Forwards { get; }

        public List<ScopeId> Kept { get; } = [];

        public NetworkGraph Graph { get; }

        public IEnumerable<ScopeId> Scopes => IsCore ? [Scope, ScopeId.Attachments, .. Kept] : [Scope];

        public bool Hears(ScopeId scope) => scope.IsCore || Scopes.Contains(scope);

        public void Put(Advertisement advertisement) =>
            Graph.Put(Graph.Intern(advertisement.Node, TimeSpan.Zero), (byte)Graph.AddScope(advertisement.Scope), advertisement);
    }
}
