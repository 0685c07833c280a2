using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>
/// What a core node of an open network keeps, so that members find each other without a shared graph: a record for each name and each node
/// of which it is one of the few keepers by <see cref="Rendezvous"/> weight. Whoever looks one up computes the same keepers from the core's
/// graph and asks them one after the other: one question, more only where keepers are gone.
/// </summary>
/// <param name="maxEntries">Records kept at most; the longest unrefreshed makes room.</param>
internal sealed class NodeDirectory(int maxEntries)
{
    private readonly Dictionary<(NodeTag Key, NodeId Node), LinkedListNode<Entry>> _entries = [];
    private readonly Dictionary<NodeTag, NodeId> _byKey = [];
    private readonly LinkedList<Entry> _byAge = new();

    public int Count => _entries.Count;

    /// <summary>The key of a node's identity.</summary>
    public static NodeTag KeyOf(NodeId node) => new(Rings.Mix(NodeTag.Of(node).Value));

    /// <summary>The key of a node's name.</summary>
    public static NodeTag KeyOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return new(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    /// <summary>Keeps a record the node itself published, after the caller verified that the key is of its identity or its name.</summary>
    public void Put(NodeTag key, NodeId node, ReadOnlyMemory<byte> record)
    {
        if (_entries.Remove((key, node), out var before)) { _byAge.Remove(before); }
        if (_entries.Count >= maxEntries) { RemoveOldest(); }
        _entries.Add((key, node), _byAge.AddLast(new Entry(key, node, record)));
        // Names are unique among certificates; where two claim one, the first stays until it is not refreshed any more.
        _byKey.TryAdd(key, node);
    }

    /// <summary>Finds the record for a key.</summary>
    public bool TryFind(NodeTag key, out NodeId node, out ReadOnlyMemory<byte> record)
    {
        record = default;
        if (!_byKey.TryGetValue(key, out node) || !_entries.TryGetValue((key, node), out var found)) { return false; }
        record = found.Value.Record;
        return true;
    }

    private void RemoveOldest()
    {
        var oldest = _byAge.First!.Value;
        _byAge.RemoveFirst();
        _entries.Remove((oldest.Key, oldest.Node));
        if (_byKey.TryGetValue(oldest.Key, out var node) && node == oldest.Node) { _byKey.Remove(oldest.Key); }
    }

    private sealed record Entry(NodeTag Key, NodeId Node, ReadOnlyMemory<byte> Record);
}
