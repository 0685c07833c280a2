using Coco.Crypto;
using Coco.Data.Core;
using Coco.Hosting;
using Coco.Messages;
using Coco.Transport;

namespace Coco.Data;

/// <content>Blobs on the wire: fetching from those who have them, and giving them to those who may.</content>
public sealed partial class NodeData
{
    // Chosen: two requests of a megabyte each on their way to each of a few holders keep the path busy.
    private const int Holders = 3;
    private const int Lanes = 2;

    // Chosen: who has just started sees the others within this.
    private static readonly TimeSpan BlobGrace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BlobRetry = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan BlobIdle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BlobPatience = TimeSpan.FromSeconds(20);

    private int _blobStreams;

    /// <summary>Fetches chunks, and returns when the first of them, up to one, are here.</summary>
    internal async Task EnsureAsync(BlobFetch fetch, int first, int end, int needed, CancellationToken cancellationToken)
    {
        fetch.Want(first, end);
        await AwaitAsync(fetch, () => fetch.Has(first, needed), cancellationToken).ConfigureAwait(false);
    }

    private async Task FetchAllAsync(BlobFetch fetch, CancellationToken cancellationToken)
    {
        if (fetch.File is { Record.IsWhole: true }) { return; }
        fetch.WantAll();
        await AwaitAsync(fetch, () => fetch.File is { IsComplete: true }, cancellationToken).ConfigureAwait(false);
        await CompleteAsync(fetch).ConfigureAwait(false);
        await StoredAsync(Appended(), cancellationToken).ConfigureAwait(false);
    }

    private async Task CompleteAsync(BlobFetch fetch)
    {
        await fetch.Finishing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (fetch.File is { Record.IsWhole: false, IsComplete: true } file) { await Task.Run(() => _blobs.Complete(file)).ConfigureAwait(false); }
        }
        catch (IOException exception) when (exception is not CocoException)
        {
            throw BlobStore.Of(exception);
        }
        finally
        {
            fetch.Finishing.Release();
        }
    }

    private async Task AwaitAsync(BlobFetch fetch, Func<bool> isThere, CancellationToken cancellationToken)
    {
        var begin = Now;
        while (!isThere())
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            var changed = fetch.Changed;
            Exception? failure = fetch.Failure;
            if (failure is not null) { throw failure is IOException io and not CocoException ? BlobStore.Of(io) : new CocoException(((CocoException)failure).Code, failure.Message, failure); }
            if (isThere()) { return; }
            if (!StartWorkers(fetch))
            {
                if (Now - begin < BlobGrace)
                {
                    await Task.Delay(BlobRetry, _time, cancellationToken).ConfigureAwait(false);
                    continue;
                }
                throw new CocoException(CocoError.Unreachable, $"No node within reach has what is missing here of the blob {fetch.Id}. It goes on where it stopped when one comes back.");
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // False where nobody is asked, nor left to be.
    private bool StartWorkers(BlobFetch fetch)
    {
        lock (_lock)
        {
            if (_isClosed) { return false; }
            if (!fetch.HasWork) { return fetch.Asked.Count > 0 || fetch.File is { IsComplete: true }; }
            var name = _exchange.Find(fetch.Collection)?.Name;
            foreach (var peer in name is null ? [] : HoldersOf(name, fetch.Id.Digest).Where(peer => MayHave(fetch, peer, name) && fetch.MayAsk(peer))
                .OrderByDescending(peer => _members.MayOpen(peer, name)).ToArray())
            {
                if (fetch.Asked.Count >= Holders) { break; }
                fetch.Asked.Add(peer);
                if (!_loop.Tasks.TryRun(() => AskAsync(fetch, peer))) { return false; }
            }
            if (fetch.Asked.Count > 0) { return true; }
            fetch.Excluded.Clear(); // asked anew the next time
            return false;
        }
    }

    private async Task AskAsync(BlobFetch fetch, NodeId peer)
    {
        var isExcluded = false;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => AskLaneAsync(fetch, peer))).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception) || exception is TimeoutException)
        {
            isExcluded = true;
            _logger.BlobNotFetched(peer, fetch.Id, exception.Message);
        }
        catch (IOException exception)
        {
            fetch.Fail(exception);
        }
        lock (_lock)
        {
            fetch.Asked.Remove(peer);
            if (isExcluded && fetch.Failure is null) { fetch.Excluded.Add(peer); }
        }
        fetch.Wake();
    }

    private async Task AskLaneAsync(BlobFetch fetch, NodeId peer)
    {
        if (!fetch.HasWork) { return; }
        var session = await _sessions.UseAsync(peer, _stopping.Token).ConfigureAwait(false);
        try
        {
            var header = StreamHeader.Of(StreamKind.Data, session.Connection.Number, (ulong)DataStreamType.Blobs);
            var stream = await session.Connection.OpenWithAsync(header, _stopping.Token).ConfigureAwait(false);
            try
            {
                await FetchAsync(fetch, peer, stream).ConfigureAwait(false);
                await stream.CompleteWritesAsync(_stopping.Token).ConfigureAwait(false);
            }
            finally
            {
                stream.Abort((ulong)WireError.Unused);
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _sessions.Release(session);
        }
    }

    private async Task FetchAsync(BlobFetch fetch, NodeId peer, ConnectionStream stream)
    {
        using var reader = new FrameReader(stream, BlobFrames.MaxBody);
        var source = SourceOf(fetch, peer);
        while (true)
        {
            var changed = fetch.Changed;
            if (!fetch.TryTake(out var first, out var count))
            {
                // Who reads on asks for more soon.
                if (await Task.WhenAny(changed, Task.Delay(BlobIdle, _time, _stopping.Token)).ConfigureAwait(false) != changed) { return; }
                continue;
            }
            try
            {
                await stream.WriteAsync(BlobFrames.Get(fetch.Collection, source?.Sealed ?? fetch.Id, first, count), _stopping.Token).ConfigureAwait(false);
                for (var chunk = first; chunk < first + count; chunk++) { await TakeChunkAsync(fetch, peer, source, reader, chunk).ConfigureAwait(false); }
            }
            finally
            {
                fetch.GiveBack(first, count);
            }
        }
    }

    private async Task TakeChunkAsync(BlobFetch fetch, NodeId peer, KeptBlob? source, FrameReader reader, int chunk)
    {
        bool isWorth;
        while (!TryTakeChunk(fetch, peer, source, reader, chunk, out isWorth))
        {
            if (!await reader.ReadAsync(_stopping.Token).AsTask().WaitAsync(BlobPatience, _time, _stopping.Token).ConfigureAwait(false))
            {
                throw new CocoException(CocoError.ConnectionClosed, "the stream ended");
            }
        }
        if (isWorth && fetch.File is { } file) { await Task.Run(file.Save, _stopping.Token).ConfigureAwait(false); }
    }

    private bool TryTakeChunk(BlobFetch fetch, NodeId peer, KeptBlob? source, FrameReader reader, int chunk, out bool isWorth)
    {
        isWorth = false;
        if (!reader.TryTake(out var type, out var body)) { return false; }
        fetch.Count(body.Length);
        if ((BlobFrameType)type is BlobFrameType.Missing) { throw new CocoException(CocoError.NotFound, "it is not there"); }
        if ((BlobFrameType)type is not BlobFrameType.Chunk || !BlobFrames.TryReadChunk(body, source?.Sealed ?? fetch.Id, chunk, out var length, out var bytes)
            || (fetch.Length ?? length) != length)
        {
            _logger.WrongBlobBytes(peer, fetch.Id);
            lock (_lock) { fetch.Liars.Add(peer); }
            throw new CocoException(CocoError.Invalid, "it sent other bytes");
        }
        try
        {
            isWorth = fetch.Add(chunk, source is null ? bytes : Opened(source, chunk, bytes), () => _blobs.Begin(fetch.Id, length));
            return true;
        }
        catch (IOException exception) // no room here, or the disk takes nothing: no fault of the peer's
        {
            fetch.Fail(exception);
            throw;
        }
    }

    private async Task ServeBlobsAsync(NodeId peer, ConnectionStream stream)
    {
        try
        {
            if (Interlocked.Increment(ref _blobStreams) > _options.MaxBlobStreams)
            {
                stream.Abort((ulong)WireError.TooMany);
                return;
            }
            using var reader = new FrameReader(stream, maxBody: 256);
            while (await reader.ReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                while (TryTakeGet(reader, out var collection, out var blob, out var first, out var count))
                {
                    await GiveAsync(peer, stream, collection, blob, first, count).ConfigureAwait(false);
                }
            }
            if (reader.IsMalformed) { stream.Abort((ulong)WireError.Malformed); }
            else { await stream.CompleteWritesAsync(_stopping.Token).ConfigureAwait(false); }
        }
        catch (Exception exception) when (IsOver(exception) || exception is IOException)
        {
            stream.Abort((ulong)WireError.SessionEnded);
        }
        finally
        {
            Interlocked.Decrement(ref _blobStreams);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool TryTakeGet(FrameReader reader, out Digest collection, out BlobId blob, out int first, out int count)
    {
        (collection, blob, first, count) = (default, default, 0, 0);
        if (!reader.TryTake(out var type, out var body)) { return false; }
        if ((BlobFrameType)type is BlobFrameType.Get && BlobFrames.TryReadGet(body, out collection, out blob, out first, out count)) { return true; }
        throw new CocoException(CocoError.Invalid, "it asked for nothing that makes sense");
    }

    private async Task GiveAsync(NodeId peer, ConnectionStream stream, Digest collection, BlobId blob, int first, int count)
    {
        if (SealedFor(peer, collection, blob) is { } kept)
        {
            await GiveSealedAsync(stream, kept, first, count).ConfigureAwait(false);
            return;
        }
        var file = FindFor(peer, collection, blob);
        for (var chunk = first; chunk < first + count; chunk++)
        {
            var frame = file is null || chunk >= file.Chunks ? DataFrames.Of((DataFrameType)BlobFrameType.Missing, []) : BlobFrames.Chunk(chunk, file.Record.Length, file.ProofOf(chunk), file.Read(chunk));
            await stream.WriteAsync(frame, _stopping.Token).ConfigureAwait(false);
            if (file is null) { return; }
        }
    }

    // A whole blob of a collection that the peer may read.
    private BlobFile? FindFor(NodeId peer, Digest collection, BlobId blob)
    {
        lock (_lock)
        {
            if (_exchange.Find(collection) is not { } table || !(IsForOthers(table.Name) ? _members.MayRead(peer, table.Name) : _members.MayOpen(peer, table.Name)) || FindBlob(table, blob) is null) { return null; }
            return _blobs.Find(blob) is { Record.IsWhole: true } file ? file : null;
        }
    }
}
