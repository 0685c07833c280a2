using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <summary>
/// The newest advertisements of all nodes a node may see, and what follows from them: who can be reached, over whom, at what cost.
/// Nodes are interned to slots; the node itself has slot 0.
/// </summary>
internal sealed partial class NetworkGraph
{
    private readonly GraphOptions _options;
    private readonly RouteScratch _scratch;
    private readonly Dictionary<NodeTag, int> _slots = [];
    private readonly Stack<int> _free = new();
    private readonly List<ScopeTotals> _scopes = [];
    private GraphNode[] _nodes = new GraphNode[4];
    private int _count;
    private bool _resolveAll;
    private bool _hasUnresolved;

    public NetworkGraph(NodeId self, GraphOptions options, RouteScratch scratch)
    {
        (_options, _scratch) = (options, scratch);
        AddScope(ScopeId.Core);
        Intern(self, TimeSpan.Zero);
        _nodes[0].Reachable = true;
    }

    /// <summary>Slots in use and free ones below them: what a loop over <see cref="this[int]"/> ends at.</summary>
    public int SlotCount => _count;

    /// <summary>Nodes known.</summary>
    public int NodeCount => _slots.Count;

    /// <summary>Whether routes are older than what they are computed from.</summary>
    public bool IsDirty { get; private set; }

    public ref GraphNode this[int slot] => ref _nodes[slot];

    public int SlotOf(NodeTag tag) => _slots.GetValueOrDefault(tag, -1);

    /// <summary>The slot of a node, or -1 for one that is unknown, or whose tag another has.</summary>
    public int SlotOf(NodeId node) => _slots.TryGetValue(NodeTag.Of(node), out var slot) && _nodes[slot].Id == node ? slot : -1;

    /// <summary>The slot of a node, a new one if need be; -1 when another has its tag, or all slots are taken by nodes within reach.</summary>
    public int Intern(NodeId node, TimeSpan now)
    {
        var tag = NodeTag.Of(node);
        if (_slots.TryGetValue(tag, out var known)) { return _nodes[known].Id == node ? known : -1; }
        if (_slots.Count >= _options.MaxNodes && !TryEvict()) { return -1; }
        if (!_free.TryPop(out var slot))
        {
            if (_count == _nodes.Length) { Array.Resize(ref _nodes, _count + (_count / 2) + 4); }
            slot = _count++;
        }
        _nodes[slot] = new() { Id = node, LostAt = now };
        _slots.Add(tag, slot);
        _hasUnresolved = true;
        return slot;
    }

    public GraphEntry? Find(int slot, byte scope)
    {
        var entry = _nodes[slot].Entries;
        while (entry is not null && entry.Scope != scope) { entry = entry.Next; }
        return entry;
    }

    /// <summary>Takes an advertisement that is newer than what is there; false when it says nothing new.</summary>
    public bool Put(int slot, byte scope, Advertisement advertisement)
    {
        var entry = Find(slot, scope);
        var isNews = entry?.Advertisement.SaysTheSame(advertisement) != true;
        if (entry is null)
        {
            entry = new(advertisement, scope) { Next = _nodes[slot].Entries };
            _nodes[slot].Entries = entry;
        }
        else
        {
            _scopes[scope].Remove(entry.Advertisement);
            entry.Advertisement = advertisement;
        }
        _scopes[scope].Add(advertisement);
        if (!isNews || advertisement.Scope.IsAttachments) { return isNews; }
        entry.Unresolved = true;
        _hasUnresolved = true;
        IsDirty = true;
        return true;
    }

    /// <summary>Whether a node is a neighbour now.</summary>
    public void SetPeer(int slot, bool isPeer)
    {
        _nodes[slot].IsPeer = isPeer;
        IsDirty = true;
    }

    /// <summary>Forgets what a node says in one scope, and the node when nothing is left of it.</summary>
    public void Remove(int slot, byte scope)
    {
        GraphEntry? before = null;
        for (var entry = _nodes[slot].Entries; entry is not null; (before, entry) = (entry, entry.Next))
        {
            if (entry.Scope != scope) { continue; }
            _scopes[scope].Remove(entry.Advertisement);
            if (before is null) { _nodes[slot].Entries = entry.Next; } else { before.Next = entry.Next; }
            IsDirty = true;
            break;
        }
        ReleaseIfEmpty(slot);
    }

    /// <summary>Forgets a node.</summary>
    public void Remove(int slot)
    {
        for (var entry = _nodes[slot].Entries; entry is not null; entry = entry.Next) { _scopes[entry.Scope].Remove(entry.Advertisement); }
        _nodes[slot].Entries = null;
        IsDirty = true;
        ReleaseIfEmpty(slot);
    }

    /// <summary>Frees the slot of a node that says nothing and is no neighbour.</summary>
    public void ReleaseIfEmpty(int slot)
    {
        ref var node = ref _nodes[slot];
        if (slot == 0 || node.Entries is not null || node.IsPeer || node.Id.IsDefault) { return; }
        _slots.Remove(NodeTag.Of(node.Id));
        node = default;
        _free.Push(slot);
        // Others may still point to the slot; the next computation looks their neighbours up again.
        _resolveAll = true;
    }

    // Room for one more: who has been out of reach longest goes.
    private bool TryEvict()
    {
        var eldest = -1;
        for (var slot = 1; slot < _count; slot++)
        {
            ref var node = ref _nodes[slot];
            if (node.Id.IsDefault || node.Reachable || node.IsPeer) { continue; }
            if (eldest < 0 || node.LostAt < _nodes[eldest].LostAt) { eldest = slot; }
        }
        if (eldest >= 0) { Remove(eldest); }
        return eldest >= 0;
    }
}
