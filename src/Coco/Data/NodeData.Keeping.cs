using Coco.Crypto;
using Coco.Data.Core;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Data;

/// <content>Blobs of users' collections with keepers, who hold them sealed: they can check each chunk, and neither read nor make one.</content>
public sealed partial class NodeData
{
    private readonly Dictionary<(Digest Collection, BlobId Sealed), KeptBlob> _kept = []; // the user's own, under the lock
    private readonly HashSet<(Digest Collection, BlobId Blob)> _sealing = [];
    private readonly SemaphoreSlim _oneSeal = new(1); // each blob is read as a whole, one at a time
    private readonly HashSet<BlobId> _refused = []; // of which the log knows

    /// <summary>Bytes of sealed blobs that this node holds for others, or is fetching, for tests.</summary>
    internal long KeptBytes
    {
        get
        {
            lock (_lock) { return KeptBytesOf(static _ => true); }
        }
    }

    /// <summary>Sealed blobs that are here, for tests.</summary>
    internal IReadOnlyList<BlobFile> KeptFiles
    {
        get
        {
            lock (_lock)
            {
                return [.. _exchange.Tables.Where(table => IsForOthers(table.Name)).SelectMany(static table => table.Entries)
                    .Select(static record => record is { IsDeleted: false, Name: { } name } ? DataCollection.SealedOf(name) : null).OfType<BlobId>().Select(_blobs.Find).OfType<BlobFile>()];
            }
        }
    }

    // Whether this node holds a collection that it cannot read.
    private bool IsForOthers(CollectionName name) => name.Scope is CollectionScope.User && (name.User != _loop.View.User || name.App != AppOfSelf());

    // Under the lock. What this keeper is to hold: the blobs for which it is one of the first of the keepers by weight, as far as there is room.
    private void ConsiderSealed(DataTable table)
    {
        if (_options.BlobCopies == 0 || !_members.Keeps(table.Name)) { return; }
        var (ofAll, ofUser) = (KeptBytesOf(static _ => true), KeptBytesOf(one => one.User == table.Name.User));
        foreach (var record in table.Entries)
        {
            if (record.IsDeleted || record.Name is not { } name || DataCollection.SealedOf(name) is not { } blob || _toKeep.ContainsKey(blob)) { continue; }
            if (_journal.Blobs.TryGetValue(blob, out var known) && known.IsWhole) { continue; }
            if (_exchange.Load(record) is not { } entry || !CollectionSeal.TryShow(entry, out _, out var length)) { continue; }
            var keepers = _members.Reachable.Append(_loop.Self).Where(node => _members.IsKeeper(node) && !_members.MayOpen(node, table.Name));
            if (!keepers.OrderByDescending(node => WeightOf(node, blob.Digest)).Take(_options.BlobCopies).Contains(_loop.Self)) { continue; }
            if (known is null && (ofAll + length > _options.MaxKeptBlobBytes || ofUser + length > _options.MaxKeptBlobBytesOfUser))
            {
                if (_refused.Add(blob)) { _logger.BlobNotKept(blob, $"{length} bytes more of user {table.Name.User} are more than are held for others"); }
                continue;
            }
            _toKeep[blob] = table.Name.Id;
            (ofAll, ofUser) = (ofAll + length, ofUser + length);
        }
        KeepWhatIsToBeKept();
    }

    // Under the lock. Counts what is still to come too.
    private long KeptBytesOf(Func<CollectionName, bool> which)
    {
        var bytes = 0L;
        foreach (var table in _exchange.Tables.Where(table => IsForOthers(table.Name) && which(table.Name)))
        {
            foreach (var record in table.Entries)
            {
                if (record.IsDeleted || record.Name is not { } name || DataCollection.SealedOf(name) is not { } blob) { continue; }
                if (_journal.Blobs.TryGetValue(blob, out var here)) { bytes += here.Length; }
                else if (_toKeep.ContainsKey(blob)) { bytes += KeptLengthOf(table.Name.Id, blob) ?? 0; }
            }
        }
        return bytes;
    }

    // Under the lock. What was said of a blob that is kept for others.
    private long? KeptLengthOf(Digest collection, BlobId blob) =>
        _exchange.Find(collection) is { } table && IsForOthers(table.Name) && FindBlob(table, blob) is { } record
        && _exchange.Load(record) is { } entry && CollectionSeal.TryShow(entry, out _, out var length) ? length : null;

    // Under the lock. Which of the user's blobs keepers are to be told of: by who added it, or while that is away by who has it.
    private void ConsiderSealing(DataTable table)
    {
        if (!table.IsOpened || table.Name.Scope is not CollectionScope.User || IsKeys(table.Name) || !_collections.ContainsKey(table.Name.Id)) { return; }
        var shown = new HashSet<BlobId>();
        foreach (var record in table.Entries.ToArray())
        {
            if (!record.IsDeleted && record.Name is { } name && DataCollection.SealedOf(name) is { } blob && HandleSealed(table, blob) is { } kept) { shown.Add(kept.Blob); }
        }
        if (!_members.Reachable.Any(node => _members.IsKeeper(node) && !_members.MayOpen(node, table.Name))) { return; }
        foreach (var record in table.Entries)
        {
            if (record.IsDeleted || record.Name is not { } name || DataCollection.BlobOf(name) is not { } blob || shown.Contains(blob)) { continue; }
            if (record.Version.Writer != _loop.Self && _members.IsReachable(record.Version.Writer)) { continue; }
            if (!_journal.Blobs.TryGetValue(blob, out var here) || !here.IsWhole || _sealing.Contains((table.Name.Id, blob)) || _blobs.Find(blob) is not { } file) { continue; }
            _sealing.Add((table.Name.Id, blob));
            _loop.Tasks.TryRun(() => SealAsync(table, file));
        }
    }

    private async Task SealAsync(DataTable table, BlobFile file)
    {
        var blob = file.Record.Id;
        try
        {
            await _oneSeal.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return; // the node is going
        }
        try
        {
            DataCollection? collection;
            lock (_lock) { collection = _collections.GetValueOrDefault(table.Name.Id); }
            if (collection?.Seal.SealedOf(blob, KeyFor(table.Name)) is not { } cipher) { return; }
            var name = DataCollection.KeyOfSealed(await Task.Run(() => cipher.Measure(file), _stopping.Token).ConfigureAwait(false));
            cipher.Dispose();
            var value = new byte[VarInt.Length((ulong)file.Record.Length) + BlobId.Size];
            var length = VarInt.Write(value, (ulong)file.Record.Length);
            blob.Digest.CopyTo(value.AsSpan(length));
            await WriteAsync(collection, name, value, null, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception) || exception is IOException)
        {
            _logger.BlobNotKept(blob, exception.Message);
        }
        finally
        {
            _oneSeal.Release();
            lock (_lock) { _sealing.Remove((table.Name.Id, blob)); }
        }
    }

    // Under the lock. What of the user's own keepers hold; where it was removed meanwhile they are told.
    private KeptBlob? HandleSealed(DataTable table, BlobId shown)
    {
        var id = (table.Name.Id, shown);
        if (table.Find(Digest.Of(CollectionSeal.KeyOfSealed(shown))) is not { IsDeleted: false } record)
        {
            _kept.Remove(id); // its cipher may be in use
            return null;
        }
        if (_kept.TryGetValue(id, out var known)) { return known; }
        if (_exchange.Load(record) is not { } entry) { return null; }
        var seal = SealOf(table.Name);
        if (!seal.TryOpen(entry, out _, out var value) || !VarInt.TryRead(value, out _, out var read) || value.Length != read + BlobId.Size) { return null; }
        var blob = new BlobId(Digest.Read(value.AsSpan(read)));
        if (table.Find(KeyHashOf(table, blob)) is { IsDeleted: true }) { Unkeep(table, shown); }
        if (seal.SealedOf(blob, CollectionSeal.KeyIdOf(entry)) is not { } cipher) { return null; }
        return _kept[id] = new(blob, shown, cipher);
    }

    private void Unkeep(DataTable table, BlobId shown)
    {
        if (!_collections.TryGetValue(table.Name.Id, out var collection)) { return; }
        _loop.Tasks.TryRun(async () =>
        {
            try
            {
                await WriteAsync(collection, DataCollection.KeyOfSealed(shown), null, null, _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsOver(exception))
            {
                _logger.BlobNotKept(shown, exception.Message); // and not deleted there: tried again at the next start
            }
        });
    }

    internal async Task<bool> RemoveBlobAsync(DataCollection collection, BlobId blob, CancellationToken cancellationToken)
    {
        if (await WriteAsync(collection, DataCollection.KeyOf(blob), null, null, cancellationToken).ConfigureAwait(false) is null) { return false; }
        KeptBlob[] kept;
        lock (_lock) { kept = [.. _kept.Where(pair => pair.Key.Collection == collection.Table.Name.Id && pair.Value.Blob == blob).Select(static pair => pair.Value)]; }
        foreach (var one in kept) { await WriteAsync(collection, DataCollection.KeyOfSealed(one.Sealed), null, null, cancellationToken).ConfigureAwait(false); }
        return true;
    }

    // Under the lock. Who may have a blob: of the user's, the user's nodes as it is and keepers sealed; what is kept sealed, both as that.
    private bool MayHave(BlobFetch fetch, NodeId peer, CollectionName name) =>
        IsForOthers(name) || _members.MayOpen(peer, name) || KeptOf(fetch.Collection, fetch.Id) is not null;

    private KeptBlob? SourceOf(BlobFetch fetch, NodeId peer)
    {
        lock (_lock)
        {
            var name = _exchange.Find(fetch.Collection)?.Name;
            return name is null || IsForOthers(name) || _members.MayOpen(peer, name) ? null : KeptOf(fetch.Collection, fetch.Id);
        }
    }

    private KeptBlob? KeptOf(Digest collection, BlobId blob) => _kept.Where(pair => pair.Key.Collection == collection && pair.Value.Blob == blob).Select(static pair => pair.Value).FirstOrDefault();

    // What a keeper asks for.
    private (KeptBlob Kept, BlobFile File)? SealedFor(NodeId peer, Digest collection, BlobId shown)
    {
        lock (_lock)
        {
            if (_exchange.Find(collection) is not { } table || IsForOthers(table.Name) || !_members.MayRead(peer, table.Name) || !_kept.TryGetValue((collection, shown), out var kept)) { return null; }
            return FindBlob(table, kept.Blob) is not null && _blobs.Find(kept.Blob) is { Record.IsWhole: true } file ? (kept, file) : null;
        }
    }

    private async Task GiveSealedAsync(ConnectionStream stream, (KeptBlob Kept, BlobFile File) blob, int first, int count)
    {
        for (var chunk = first; chunk < Math.Min(first + count, blob.File.Chunks); chunk++)
        {
            var bytes = blob.File.Read(chunk);
            blob.Kept.Cipher.Apply(chunk, bytes);
            await stream.WriteAsync(BlobFrames.Chunk(chunk, blob.File.Record.Length, blob.Kept.Cipher.ProofOf(blob.File, chunk), bytes), _stopping.Token).ConfigureAwait(false);
        }
    }

    private static ReadOnlySpan<byte> Opened(KeptBlob source, int chunk, ReadOnlySpan<byte> bytes)
    {
        var plain = bytes.ToArray();
        source.Cipher.Apply(chunk, plain);
        return plain;
    }
}
