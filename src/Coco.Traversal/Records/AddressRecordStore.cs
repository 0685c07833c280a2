using Coco.Crypto;

namespace Coco.Traversal.Records;

/// <summary>
/// The newest record of each node, within a number of records and of bytes; the least recently used make room. Expired ones are kept: a
/// wrong clock, ours or theirs, must not keep peers apart.
/// </summary>
internal sealed class AddressRecordStore(int maxRecords, long maxBytes)
{
    private readonly Dictionary<NodeId, LinkedListNode<AddressRecord>> _records = [];
    private readonly LinkedList<AddressRecord> _byUse = [];

    public int Count => _records.Count;

    public long Bytes { get; private set; }

    /// <summary>Keeps the record unless one at least as new is there. True when it is the newest now, or is that one.</summary>
    public bool TryAdd(AddressRecord record)
    {
        if (_records.TryGetValue(record.Id, out var node))
        {
            if (!record.IsNewerThan(node.Value)) { return record.Encoded.Span.SequenceEqual(node.Value.Encoded.Span); }
            Remove(node);
        }
        if (record.Encoded.Length > maxBytes) { return false; }
        while (_records.Count >= maxRecords || Bytes + record.Encoded.Length > maxBytes) { Remove(_byUse.First!); }
        _records.Add(record.Id, _byUse.AddLast(record));
        Bytes += record.Encoded.Length;
        return true;
    }

    /// <summary>The newest record of a node, expired or not; <see cref="AddressRecord.IsExpired"/> tells which.</summary>
    public AddressRecord? Find(NodeId id)
    {
        if (!_records.TryGetValue(id, out var node)) { return null; }
        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value;
    }

    private void Remove(LinkedListNode<AddressRecord> node)
    {
        _byUse.Remove(node);
        _records.Remove(node.Value.Id);
        Bytes -= node.Value.Encoded.Length;
    }
}
