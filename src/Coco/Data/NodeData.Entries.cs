using Coco.Data.Core;
using Coco.Hosting;
using Coco.Storage;

namespace Coco.Data;

/// <content>Entries: what <see cref="DataCollection"/> asks for.</content>
public sealed partial class NodeData
{
    internal async Task<EntryVersion?> WriteAsync(DataCollection collection, string key, ReadOnlyMemory<byte>? value, PutOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (table, seal) = (collection.Table, collection.Seal);
        var wireKey = seal.KeyOf(key);
        var content = seal.Seal(key, wireKey, value is { } some ? some.Span : default, KeyFor(table.Name));
        EntryRecord? record;
        EntryReceipt? receipt = null;
        Task stored;
        lock (_lock)
        {
            record = Write(table, key, wireKey, content, isDeleted: value is null, options?.IfVersion);
            if (record is null) { return null; }
            receipt = _exchange.Push(table, record, options?.Replicas ?? 0, Now);
            stored = _journal.Appended;
            if (!_journal.IsOnDisk) { _exchange.HandleCommitted(long.MaxValue); }
        }
        try
        {
            await StoredAsync(stored, cancellationToken).ConfigureAwait(false);
            Flush();
            if (receipt is not null) { await AwaitAsync(key, receipt, options!, cancellationToken).ConfigureAwait(false); }
            return record.Version;
        }
        finally
        {
            if (receipt is not null)
            {
                lock (_lock) { _exchange.Forget(receipt); }
            }
        }
    }

    internal async Task<DataEntry?> ReadAsync(DataCollection collection, string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hash = Digest.Of(collection.Seal.KeyOf(key));
        for (var attempt = 0; ; attempt++)
        {
            EntryRecord? record;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
                record = collection.Table.Find(hash);
            }
            if (record is null || record.IsDeleted) { return null; }
            // Not under the lock, as it may be on the disk; and elsewhere in the log by then.
            var entry = record.Bytes is not null ? _exchange.Load(record) : await Task.Run(() => _exchange.Load(record), cancellationToken).ConfigureAwait(false);
            if (entry is not null && collection.Seal.TryOpen(entry, out _, out var value)) { return new(key, value, record.Version); }
            if (entry is not null && collection.Seal.See(entry).Sight is EntrySight.Closed)
            {
                throw new CocoException(CocoError.Unreachable, $"The key of the entry {key} has not reached this node. Another of the user's nodes passes it on when it is within reach.");
            }
            if (attempt == 3) { throw new CocoException(CocoError.StoreDamaged, $"The entry {key} is stored and cannot be read. Start the node anew, which checks its store."); }
        }
    }

    internal string[] KeysOf(DataCollection collection, string prefix)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            return [.. collection.Table.Entries.Where(record => !record.IsDeleted && record.Name is { } name && !DataCollection.IsReserved(name) && name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(static record => record.Name!).Order(StringComparer.Ordinal)];
        }
    }

    internal void Watch(DataCollection collection, Action<string> watcher)
    {
        lock (_lock) { collection.Table.Watchers.Add(watcher); }
    }

    internal void Unwatch(DataCollection collection, Action<string> watcher)
    {
        lock (_lock) { collection.Table.Watchers.Remove(watcher); }
    }

    /// <summary>Which collections a peer and this node have in common, for tests.</summary>
    internal bool IsLinkedWith(DataCollection collection, Crypto.NodeId peer)
    {
        lock (_lock) { return _exchange.FindLink(peer) is { } link && link.Tables.TryGetValue(collection.Table.Name.Id, out var linked) && linked.IsShared; }
    }

    // Under the lock. Null where there is nothing to delete.
    private EntryRecord? Write(DataTable table, string key, byte[] wireKey, byte[] content, bool isDeleted, EntryVersion? expected)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
        if (_loop.View.IsRemoved) { throw Failures.SelfRemoved(); }
        if (!_members.MayWrite(_loop.Self, table.Name))
        {
            throw new CocoException(CocoError.Denied, $"The network's policy does not let this node write to the collection {table.Name.Name}. An admin can allow it: allow publish {table.Name.Resource} from …");
        }
        var hash = Digest.Of(wireKey);
        var known = table.Find(hash) is { IsDeleted: false } record ? record : null;
        if (expected is { } version && version != (known?.Version ?? default))
        {
            throw new CocoException(CocoError.Changed, known is null ? $"{key} is not there, or not any more. Read it again, and decide anew." : $"{key} has changed meanwhile, by {known.Version.Writer}. Read it again, and decide anew.");
        }
        if (isDeleted && known is null) { return null; }
        if (!_exchange.HasRoomFor(table, hash, content.Length + wireKey.Length + 128))
        {
            throw new CocoException(CocoError.Overloaded, $"The collection {table.Name.Name} is full: {table.Count} entries, {table.Bytes} bytes. Delete some and wait until that is forgotten, use another, or allow more in {nameof(DataOptions)} on all nodes.");
        }
        return _exchange.Write(table, wireKey, content, isDeleted, Wall);
    }

    private async Task AwaitAsync(string key, EntryReceipt receipt, PutOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await receipt.Done.Task.WaitAsync(options.Patience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var why = receipt.Refused is Refusal.None ? "" : $" One refused it: {receipt.Refused}.";
            throw new CocoException(CocoError.Unreachable, $"{key} is stored here, and on {receipt.Holders.Count} of the {options.Replicas} other nodes that were asked for.{why} It goes to the others when they are within reach.");
        }
    }

    private static async Task StoredAsync(Task stored, CancellationToken cancellationToken = default)
    {
        if (stored.IsCompletedSuccessfully) { return; }
        try
        {
            await stored.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }
}
