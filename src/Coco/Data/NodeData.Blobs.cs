using Coco.Data.Core;
using Coco.Quic.Packets;

namespace Coco.Data;

/// <content>Blobs: adding, opening, keeping.</content>
public sealed partial class NodeData
{
    private static readonly TimeSpan KeepRetry = TimeSpan.FromSeconds(30);

    private readonly BlobStore _blobs;
    private readonly Dictionary<BlobId, BlobFetch> _fetches = []; // under the lock, as the rest here
    private readonly Dictionary<BlobId, Digest> _toKeep = []; // that this node is to have by itself, and by which collection
    private bool _isKeeping;

    internal BlobStore Files => _blobs;

    /// <summary>What came of a blob over the wire since it was opened first, for tests.</summary>
    internal long TransferredOf(BlobId blob)
    {
        lock (_lock) { return _fetches.TryGetValue(blob, out var fetch) ? fetch.Transferred : 0; }
    }

    internal async Task<BlobId> AddBlobAsync(DataCollection collection, Stream content, CancellationToken cancellationToken)
    {
        var record = await _blobs.AddAsync(content, cancellationToken).ConfigureAwait(false);
        var value = new byte[VarInt.Length((ulong)record.Length)];
        VarInt.Write(value, (ulong)record.Length);
        await WriteAsync(collection, DataCollection.KeyOf(record.Id), value, null, cancellationToken).ConfigureAwait(false);
        lock (_lock) { ConsiderSealing(collection.Table); }
        return record.Id;
    }

    internal async Task<Stream> OpenBlobAsync(DataCollection collection, BlobId blob, CancellationToken cancellationToken)
    {
        var fetch = FetchOf(collection.Table.Name.Id, blob);
        if (fetch.File is null) { await EnsureAsync(fetch, 0, 1, 1, cancellationToken).ConfigureAwait(false); }
        return new BlobStream(this, fetch, fetch.File!);
    }

    internal async Task PinAsync(DataCollection collection, BlobId blob, CancellationToken cancellationToken)
    {
        var fetch = FetchOf(collection.Table.Name.Id, blob);
        await FetchAllAsync(fetch, cancellationToken).ConfigureAwait(false);
        _blobs.Pin(fetch.File!, isPinned: true);
        await StoredAsync(Appended(), cancellationToken).ConfigureAwait(false);
    }

    internal void Release(BlobId blob)
    {
        lock (_lock)
        {
            _fetches.Remove(blob);
            _blobs.Remove(blob);
        }
    }

    internal async Task<BlobInfo?> StatAsync(DataCollection collection, BlobId blob, CancellationToken cancellationToken)
    {
        if (await ReadAsync(collection, DataCollection.KeyOf(blob), cancellationToken).ConfigureAwait(false) is not { } entry) { return null; }
        if (!VarInt.TryRead(entry.Value.Span, out var length, out _) || length > (ulong)BlobTree.MaxLength) { return null; }
        var file = _blobs.Find(blob);
        var here = file is null ? 0 : Math.Min((long)length, (long)file.Count * BlobTree.ChunkSize);
        return new(blob, (long)length, here, file?.Record.IsPinned ?? false, entry.Version);
    }

    internal string[] NamesOf(DataTable table)
    {
        lock (_lock) { return [.. table.Entries.Where(static record => !record.IsDeleted && record.Name is not null).Select(static record => record.Name!)]; }
    }

    // From within the exchange, under the lock: a collection that this node can read, for its app or for others.
    private void HandleAdded(DataTable table)
    {
        table.Open = IsForOthers(table.Name) ? CollectionSeal.SeeAsKeeper : SealOf(table.Name).See;
        if (IsKeys(table.Name)) { table.Taken = TakeKey; }
        table.Watchers.Add(name => HandleBlobChange(table, name));
    }

    private void HandleBlobChange(DataTable table, string name)
    {
        if (DataCollection.SealedOf(name) is { } shown && !IsForOthers(table.Name))
        {
            HandleSealed(table, shown);
            return;
        }
        if ((DataCollection.BlobOf(name) ?? DataCollection.SealedOf(name)) is not { } blob) { return; }
        if (FindBlob(table, blob) is not null)
        {
            ConsiderBlobs(table);
            return;
        }
        if (_exchange.Tables.Any(other => FindBlob(other, blob) is not null)) { return; }
        _toKeep.Remove(blob);
        _loop.Tasks.TryRun(() =>
        {
            try
            {
                Release(blob);
                lock (_lock) { ConsiderBlobs(table); } // there is room again
            }
            catch (IOException exception)
            {
                _logger.BlobNotKept(blob, exception.Message); // and not deleted: an opening deletes what the log does not know
            }
            return Task.CompletedTask;
        });
    }

    private EntryRecord? FindBlob(DataTable table, BlobId blob) => table.Find(KeyHashOf(table, blob)) is { IsDeleted: false } record ? record : null;

    private Digest KeyHashOf(DataTable table, BlobId blob) =>
        Digest.Of(IsForOthers(table.Name) ? CollectionSeal.KeyOfSealed(blob) : SealOf(table.Name).KeyOf(DataCollection.KeyOf(blob)));

    // Under the lock. Which blobs this node has by itself: those for which it is one of the first by weight among those who can read them.
    private void ConsiderBlobs(DataTable table)
    {
        if (_isClosed) { return; }
        if (IsForOthers(table.Name)) { ConsiderSealed(table); }
        else { ConsiderSealing(table); }
        if (_options.BlobCopies == 0 || IsForOthers(table.Name)) { return; }
        foreach (var record in table.Entries)
        {
            if (record.IsDeleted || record.Name is not { } name || DataCollection.BlobOf(name) is not { } blob || record.Version.Writer == _loop.Self) { continue; }
            if (_journal.Blobs.TryGetValue(blob, out var known) && known.IsWhole) { continue; }
            if (IsChosen(table, blob, record.Version.Writer)) { _toKeep[blob] = table.Name.Id; }
        }
        KeepWhatIsToBeKept();
    }

    // Under the lock.
    private void KeepWhatIsToBeKept()
    {
        if (_toKeep.Count > 0 && !_isKeeping) { _isKeeping = _loop.Tasks.TryRun(KeepAsync); }
    }

    private bool IsChosen(DataTable table, BlobId blob, Crypto.NodeId writer)
    {
        var name = table.Name;
        return _members.Reachable.Append(_loop.Self).Where(node => node != writer && _members.MayOpen(node, name))
            .OrderByDescending(_members.IsKeeper).ThenByDescending(node => WeightOf(node, blob.Digest)).Take(_options.BlobCopies).Contains(_loop.Self);
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            BlobFetch[] fetches;
            lock (_lock)
            {
                fetches = _isClosed ? [] : [.. _toKeep.Select(pair => FetchOf(pair.Value, pair.Key))];
                if (fetches.Length == 0)
                {
                    _isKeeping = false;
                    return;
                }
            }
            var failed = 0;
            foreach (var fetch in fetches)
            {
                try
                {
                    await FetchAllAsync(fetch, _stopping.Token).ConfigureAwait(false);
                    lock (_lock) { _toKeep.Remove(fetch.Id); }
                }
                catch (Exception exception) when (IsOver(exception) || exception is IOException or UnauthorizedAccessException)
                {
                    failed++;
                    if (exception is CocoException { Code: CocoError.Overloaded or CocoError.StoreFull or CocoError.StoreFailed }) { _logger.BlobNotKept(fetch.Id, exception.Message); }
                }
            }
            if (failed == 0) { continue; }
            try
            {
                await Task.Delay(KeepRetry, _time, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                lock (_lock) { _isKeeping = false; }
                return;
            }
        }
    }

    private BlobFetch FetchOf(Digest collection, BlobId blob)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_fetches.TryGetValue(blob, out var fetch)) { _fetches.Add(blob, fetch = new(blob, collection, _blobs.Find(blob)) { Length = KeptLengthOf(collection, blob) }); }
            return fetch;
        }
    }

    private Task Appended()
    {
        lock (_lock) { return _journal.Appended; }
    }
}
