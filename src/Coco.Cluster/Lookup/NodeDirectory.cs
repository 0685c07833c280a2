using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Lookup;

/// <summary>
/// What a core node of an open network keeps, so that members find each other without a shared graph: an entry for the identity and one for the
/// name of each node, where it is one of the few keepers by <see cref="Rendezvous"/> weight. Whoever looks one up computes the same keepers from
/// the core's graph and asks them one after the other: one question, more only where keepers are gone.
/// </summary>
/// <param name="options">How much is kept, and how long.</param>
/// <param name="order">Who of those under one key comes first; the last make room.</param>
internal sealed class NodeDirectory<T>(DirectoryOptions options, IComparer<T> order)
{
    private readonly Dictionary<(NodeId Node, DirectoryPlaces Place), LinkedListNode<Entry>> _entries = [];
    private readonly Dictionary<NodeTag, List<Entry>> _byKey = [];
    private readonly LinkedList<Entry> _byAge = new();

    public int Count => _entries.Count;

    /// <summary>When <see cref="Forget"/> has something to do; null for never.</summary>
    public TimeSpan? Deadline => _byAge.First is { } oldest ? oldest.Value.At + options.Lifetime : null;

    /// <summary>Keeps what a node said of itself, under its identity or its name, in place of what it said before. False where better ones have that key.</summary>
    public bool TryPut(NodeId node, DirectoryPlaces place, NodeTag key, T value, TimeSpan now)
    {
        Remove(node, place);
        if (_byKey.GetValueOrDefault(key) is { } others && others.Count >= options.MaxPerKey)
        {
            var last = others.MaxBy(static other => other.Value, order)!;
            if (order.Compare(value, last.Value) >= 0) { return false; }
            Remove(last.Node, last.Place);
        }
        if (_entries.Count >= options.MaxEntries) { Remove(_byAge.First!.Value.Node, _byAge.First.Value.Place); }
        var entry = new Entry(node, place, key, value, now);
        _entries.Add((node, place), _byAge.AddLast(entry));
        if (!_byKey.TryGetValue(key, out var same)) { _byKey[key] = same = new(1); }
        same.Add(entry);
        return true;
    }

    /// <summary>Those under a key, the first first.</summary>
    public IEnumerable<T> Find(NodeTag key) => _byKey.TryGetValue(key, out var found) ? found.Select(static entry => entry.Value).Order(order) : [];

    public void Remove(NodeId node)
    {
        Remove(node, DirectoryPlaces.Identity);
        Remove(node, DirectoryPlaces.Name);
    }

    /// <summary>Forgets what nobody said anew for too long.</summary>
    public void Forget(TimeSpan now)
    {
        while (Deadline <= now) { Remove(_byAge.First!.Value.Node, _byAge.First.Value.Place); }
    }

    public void Clear()
    {
        _entries.Clear();
        _byKey.Clear();
        _byAge.Clear();
    }

    private void Remove(NodeId node, DirectoryPlaces place)
    {
        if (!_entries.Remove((node, place), out var gone)) { return; }
        _byAge.Remove(gone);
        var same = _byKey[gone.Value.Key];
        same.Remove(gone.Value);
        if (same.Count == 0) { _byKey.Remove(gone.Value.Key); }
    }

    private sealed record Entry(NodeId Node, DirectoryPlaces Place, NodeTag Key, T Value, TimeSpan At);
}
