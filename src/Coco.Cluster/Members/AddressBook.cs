using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <summary>Where nodes were found last, and when; those that served longest ago make room.</summary>
internal sealed class AddressBook(int maxNodes)
{
    private readonly Dictionary<NodeId, LinkedListNode<AddressEntry>> _entries = [];
    private readonly LinkedList<AddressEntry> _byUse = [];
    private readonly Queue<NodeId> _forgotten = new();

    /// <summary>The one that served last first.</summary>
    public IEnumerable<AddressEntry> Recent
    {
        get
        {
            for (var node = _byUse.Last; node is not null; node = node.Previous) { yield return node.Value; }
        }
    }

    public AddressEntry? Find(NodeId node) => _entries.TryGetValue(node, out var known) ? known.Value : null;

    /// <summary>Keeps a record if it is newer than what is there.</summary>
    public bool TryPut(AddressRecord record)
    {
        var known = Find(record.Id);
        if (known?.Record is { } before && !record.IsNewerThan(before)) { return false; }
        (known ?? Add(record.Id, atEnd: false)).Record = record;
        return true;
    }

    public void PutLan(NodeId node, IReadOnlyList<NetworkAddress> addresses, TimeSpan now)
    {
        var entry = Find(node) ?? Add(node, atEnd: false);
        (entry.LanAddresses, entry.LanSeenAt) = ([.. addresses], now);
    }

    /// <summary>A connection to the node came about.</summary>
    public AddressEntry Served(NodeId node, ulong unixSeconds)
    {
        var entry = Find(node) ?? Add(node, atEnd: true);
        entry.LastGood = Math.Max(entry.LastGood, unixSeconds);
        var place = _entries[node];
        _byUse.Remove(place);
        _byUse.AddLast(place);
        return entry;
    }

    public void Load(NodeId node, ulong lastGood, AddressRecord? record)
    {
        var entry = Add(node, atEnd: true);
        (entry.LastGood, entry.Record) = (lastGood, record);
    }

    public bool Remove(NodeId node)
    {
        if (!_entries.Remove(node, out var known)) { return false; }
        _byUse.Remove(known);
        return true;
    }

    /// <summary>Takes the next node that made room.</summary>
    public bool TryTakeForgotten(out NodeId node) => _forgotten.TryDequeue(out node);

    private AddressEntry Add(NodeId node, bool atEnd)
    {
        if (_entries.Count >= maxNodes)
        {
            var oldest = _byUse.First!.Value.Node;
            Remove(oldest);
            _forgotten.Enqueue(oldest);
        }
        var entry = new AddressEntry(node);
        _entries.Add(node, atEnd ? _byUse.AddLast(entry) : _byUse.AddFirst(entry));
        return entry;
    }
}
