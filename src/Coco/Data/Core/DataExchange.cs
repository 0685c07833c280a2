using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>
/// The core of the store: collections of entries, which nodes that hold the same make equal. No sockets, files or clocks: bytes and times come in, frames
/// go out, and entries go to a log. Frames that are taken out may be sent when all that was appended before is on the disk.
/// </summary>
internal sealed partial class DataExchange
{
    private readonly NodeId _self;
    private readonly DataOptions _options;
    private readonly IEntrySigner _signer;
    private readonly IEntryLog _log;
    private readonly Dictionary<Digest, DataTable> _tables = [];
    private readonly Dictionary<NodeId, DataLink> _links = [];
    private readonly Dictionary<Digest, EntryReceipt> _receipts = []; // by the content waited for
    private readonly Queue<(DataTable Table, EntryRecord Record)> _uncommitted = new();
    private IDataMembers _members;
    private ulong _lastTime;
    private int _nextChannel = 1;

    public DataExchange(NodeId self, DataOptions options, IEntrySigner signer, IEntryLog log, IDataMembers members) =>
        (_self, _options, _signer, _log, _members) = (self, options, signer, log, members);

    public IEnumerable<DataTable> Tables => _tables.Values;

    public IEnumerable<DataLink> Links => _links.Values;

    /// <summary>A peer's entries were not taken: who, which collection, how many, why.</summary>
    public Action<NodeId, CollectionName, int, Refusal>? Refused { get; set; }

    /// <summary>A peer did not take this node's.</summary>
    public Action<NodeId, int, Refusal>? WasRefused { get; set; }

    /// <summary>A collection is new here, or was read from the log: who can read it says so.</summary>
    public Action<DataTable>? Added { get; set; }

    public DataTable? Find(Digest collection) => _tables.GetValueOrDefault(collection);

    /// <summary>Begins to hold a collection for the app, or null where there are too many.</summary>
    public DataTable? Open(CollectionName name, Func<SignedEntry, SeenEntry> open)
    {
        if (!_tables.TryGetValue(name.Id, out var table))
        {
            if (_tables.Count >= _options.MaxCollections) { return null; }
            table = Add(name, _nextChannel);
        }
        var isNew = !table.IsOpened;
        table.IsOpened = true;
        table.Open ??= open;
        if (isNew) { _log.Append(table); }
        foreach (var link in _links.Values) { Tell(link, wantsAnswer: true); }
        return table;
    }

    /// <summary>A collection that the log knows.</summary>
    public DataTable Add(CollectionName name, int channel)
    {
        var table = new DataTable(name, channel);
        _tables.Add(name.Id, table);
        _nextChannel = Math.Max(_nextChannel, channel + 1);
        Added?.Invoke(table);
        return table;
    }

    /// <summary>An entry that the log knows; those of one key in the order in which they were appended. Gives back the one before it.</summary>
    public EntryRecord? Replay(DataTable table, SignedEntry entry, long number, int length)
    {
        var old = table.Find(entry.KeyHash);
        var record = new EntryRecord(entry) { Number = number, RecordLength = length, Name = table.Open?.Invoke(entry).Name };
        Shrink(record);
        table.Set(record);
        table.Taken?.Invoke(entry);
        _lastTime = Math.Max(_lastTime, entry.Version.Time);
        return old;
    }

    /// <summary>Writes an entry of this node's, of a later version than any known.</summary>
    /// <param name="table">Where.</param>
    /// <param name="key">The key, as it is on the wire.</param>
    /// <param name="value">The value, as it is there.</param>
    /// <param name="isDeleted">Whether this says that the entry is deleted.</param>
    /// <param name="wall">Milliseconds since 1970, best known.</param>
    public EntryRecord Write(DataTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDeleted, long wall)
    {
        _lastTime = Math.Max(_lastTime + 1, (ulong)Math.Max(0, wall) << 16);
        var entry = SignedEntry.Make(key, value, isDeleted, new(_lastTime, _self), table.Name.Id, _signer);
        var record = Store(table, entry);
        return record;
    }

    /// <summary>Whether there is room for another version of an entry.</summary>
    public bool HasRoomFor(DataTable table, Digest key, int size) =>
        table.Bytes + size - (table.Find(key)?.Size ?? 0) <= _options.MaxCollectionBytes && (table.Count < _options.MaxEntries || table.Find(key) is not null);

    /// <summary>Sends what this node has just written to those who hold the collection.</summary>
    /// <param name="table">Where.</param>
    /// <param name="record">What.</param>
    /// <param name="replicas">How many others are waited for; 0 for none.</param>
    /// <param name="now">The time.</param>
    public EntryReceipt? Push(DataTable table, EntryRecord record, int replicas, TimeSpan now)
    {
        EntryReceipt? receipt = null;
        if (replicas > 0 && !_receipts.TryGetValue(record.ContentHash, out receipt))
        {
            _receipts.Add(record.ContentHash, receipt = new(table.Name.Id, record.ContentHash, replicas));
        }
        if (record.Bytes is not { } bytes) { return receipt; }
        foreach (var link in _links.Values)
        {
            if (!link.Tables.TryGetValue(table.Name.Id, out var linked) || !linked.IsShared) { continue; }
            linked.HasProgress = true;
            if (link.OutputBytes + bytes.Length <= _options.MaxLinkBytes) { SendEntries(link, table, [record]); }
            else { Hasten(linked, now + ShortPause); }
        }
        return receipt;
    }

    public void Forget(EntryReceipt receipt) => _receipts.Remove(receipt.Content);

    /// <summary>All records up to a number are on the disk.</summary>
    public void HandleCommitted(long through)
    {
        while (_uncommitted.TryPeek(out var next) && next.Record.Number <= through)
        {
            _uncommitted.Dequeue();
            if (next.Record.Previous is { } old)
            {
                next.Record.Previous = null;
                _log.Release(old.Number, old.RecordLength);
            }
            Shrink(next.Record);
            if (next.Record.Name is not { } name) { continue; }
            foreach (var watcher in next.Table.Watchers.ToArray()) { watcher(name); }
        }
    }

    /// <summary>No record from a number on is on the disk: what rests on them is as it was before.</summary>
    public void HandleFailed(long first)
    {
        foreach (var (table, record) in _uncommitted.Where(one => one.Record.Number >= first).ToArray())
        {
            if (table.Find(record.KeyHash) is not { } current || current.Number < first) { continue; }
            var before = current;
            while (before is not null && before.Number >= first) { before = before.Previous; }
            if (before is null) { table.Remove(record.KeyHash); }
            else { table.Set(before); }
        }
        var left = _uncommitted.Where(one => one.Record.Number < first).ToArray();
        _uncommitted.Clear();
        foreach (var one in left) { _uncommitted.Enqueue(one); }
    }

    /// <summary>Keys have come: what was closed in some collections may open, and what was refused may be taken.</summary>
    public void HandleKeys(Func<CollectionName, bool> which, TimeSpan now)
    {
        foreach (var table in _tables.Values.Where(one => one.Open is not null && one.Name.Scope is CollectionScope.User && which(one.Name)))
        {
            foreach (var record in table.Entries.Where(static one => one.Name is null).ToArray())
            {
                if (Load(record) is not { } entry || table.Open!(entry).Name is not { } name) { continue; }
                record.Name = name;
                foreach (var watcher in table.Watchers.ToArray()) { watcher(name); }
            }
        }
        foreach (var link in _links.Values) { HandleDisturbed(link, now); }
    }

    /// <summary>The entry of a record; null where it cannot be read.</summary>
    public SignedEntry? Load(EntryRecord record) => (record.Bytes ?? _log.Read(record)) is { } bytes ? SignedEntry.Parse(bytes, int.MaxValue, int.MaxValue) : null;

    private EntryRecord Store(DataTable table, SignedEntry entry)
    {
        var record = new EntryRecord(entry) { Previous = table.Find(entry.KeyHash), Name = table.Open?.Invoke(entry).Name };
        (record.Number, record.RecordLength) = _log.Append(table, entry);
        table.Set(record);
        table.Taken?.Invoke(entry);
        _uncommitted.Enqueue((table, record));
        return record;
    }

    // What has number 0 is in no log, and stays in memory.
    private void Shrink(EntryRecord record)
    {
        if (record.Number > 0 && record.Size > _options.MaxValueInMemory + SignedEntry.Overhead) { record.Bytes = null; }
    }
}
