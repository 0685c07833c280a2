using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Data.Core;
using Coco.Hosting;
using Coco.Messages;
using Coco.Storage;
using Coco.Transport;

namespace Coco.Data;

/// <content>Streams, timers and the network's changes, between the exchange and the rest of the node.</content>
public sealed partial class NodeData
{
    // Chosen: who has the greater identity calls only where the other does not hold the collection's end of the matter yet.
    private static readonly TimeSpan SecondCall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    // Chosen: who holds nothing of what this node does is let go; it calls when that changes.
    private static readonly TimeSpan UselessTime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<NodeId, DataPeer> _peers = [];
    private readonly Dictionary<NodeId, TimeSpan> _calls = []; // when peers that are to be linked are called; MaxValue while they are

    private async Task WatchAsync()
    {
        var changes = _loop.WatchViews();
        while (await changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (changes.Reader.TryRead(out _)) { }
            lock (_lock)
            {
                if (_isClosed) { continue; }
                TakeMembers();
            }
            Refresh();
        }
        _loop.Unwatch(changes);
    }

    // Under the lock.
    private void TakeMembers()
    {
        if (_members.AreOf(_loop.View)) { return; }
        _members = new(_loop.View, _options.KeeperTag);
        _keys.HandleMembers(_members.IsRevoked);
        _exchange.HandleMembers(_members);
    }

    // Whom to talk to, and whom not any more.
    private void Refresh()
    {
        List<ConnectionStream> over = [];
        lock (_lock)
        {
            if (_isClosed) { return; }
            var wanted = Wanted();
            foreach (var peer in _calls.Where(pair => pair.Value != TimeSpan.MaxValue && !wanted.Contains(pair.Key)).Select(static pair => pair.Key).ToArray()) { _calls.Remove(peer); }
            foreach (var peer in wanted.Where(peer => !_peers.ContainsKey(peer))) { _calls.TryAdd(peer, _loop.Self < peer ? Now : Now + SecondCall); }
            foreach (var table in _exchange.Tables) { ConsiderBlobs(table); }
            PassOnKeys();
            foreach (var (id, peer) in _peers)
            {
                // A peer that was killed and has come back has called on a new association, long before the old one is known to be lost.
                var current = _loop.Connections.GetValueOrDefault(id);
                over.AddRange(peer.StreamsNotOf(current));
            }
        }
        foreach (var stream in over) { stream.Abort((ulong)WireError.Unused); }
        HandleTimer();
    }

    // Keepers first, then those of greatest weight for the collection, the same order for all as far as they see the same members.
    private HashSet<NodeId> Wanted()
    {
        var wanted = new HashSet<NodeId>();
        foreach (var table in _exchange.Tables) { wanted.UnionWith(HoldersOf(table.Name, table.Name.Id).Take(_options.MaxLinks)); }
        return [.. wanted.Take(_options.MaxLinks)];
    }

    // Under the lock. Members within reach that hold a collection or would.
    private IEnumerable<NodeId> HoldersOf(CollectionName name, Digest weightOf) =>
        _members.Reachable.Where(peer => _members.MayRead(peer, name)).OrderByDescending(_members.IsKeeper).ThenByDescending(peer => WeightOf(peer, weightOf));

    // Rendezvous hashing.
    private static ulong WeightOf(NodeId node, Digest what)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size + Digest.Size], hash = stackalloc byte[Digest.Size];
        node.CopyTo(bytes);
        what.CopyTo(bytes[NodeId.Size..]);
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    // Wakes those who have something to write.
    private void Flush()
    {
        lock (_lock)
        {
            SetTimer();
            foreach (var peer in _peers.Values)
            {
                if (peer.Link.OutputBytes > 0) { peer.Signal.Set(); }
            }
        }
    }

    private async Task CallAsync(NodeId peer)
    {
        try
        {
            var session = await _sessions.UseAsync(peer, _stopping.Token).ConfigureAwait(false);
            try
            {
                var header = StreamHeader.Of(StreamKind.Data, session.Connection.Number, (ulong)DataStreamType.Entries);
                var stream = await session.Connection.OpenWithAsync(header, _stopping.Token).ConfigureAwait(false);
                await RunAsync(session.Connection, stream, _loop.Self).ConfigureAwait(false);
            }
            finally
            {
                _sessions.Release(session);
            }
        }
        catch (Exception exception) when (IsOver(exception))
        {
            _logger.NotLinked(peer, exception.Message);
        }
        lock (_lock)
        {
            if (!_calls.Remove(peer) || _isClosed || _peers.ContainsKey(peer)) { return; }
            if (Wanted().Contains(peer)) { _calls[peer] = Now + Retry; }
            SetTimer();
        }
    }

    private async Task ServeAsync(NodeConnection connection, ConnectionStream stream)
    {
        var type = (DataStreamType?)await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        if (!stream.CanWrite || _isClosed || type is not (DataStreamType.Entries or DataStreamType.Blobs))
        {
            stream.Abort((ulong)(stream.CanWrite ? WireError.NotOffered : WireError.Malformed));
            return;
        }
        if (type is DataStreamType.Entries) { await RunAsync(connection, stream, connection.PeerId).ConfigureAwait(false); }
        else { await ServeBlobsAsync(connection.PeerId, stream).ConfigureAwait(false); }
    }

    // A stream, up to its end.
    private async Task RunAsync(NodeConnection session, ConnectionStream stream, NodeId opener)
    {
        DataPeer? peer;
        lock (_lock)
        {
            if (_isClosed || _peers.Count >= 2 * _options.MaxLinks) { peer = null; }
            else
            {
                if (!_peers.TryGetValue(session.PeerId, out peer))
                {
                    _peers.Add(session.PeerId, peer = new(_exchange.HandleLinkUp(session.PeerId), Now));
                    var writing = peer;
                    _loop.Tasks.TryRun(() => WriteAsync(writing));
                }
                peer.Add(stream, opener, session.Association);
                _calls.Remove(session.PeerId);
            }
        }
        if (peer is null)
        {
            stream.Abort((ulong)WireError.TooMany);
            return;
        }
        Flush();
        var isWellFormed = true;
        try
        {
            isWellFormed = await ReadAsync(peer, stream).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            // The stream or the connection is over, or the disk takes nothing.
        }
        if (!isWellFormed) { _logger.Malformed(session.PeerId); }
        HandleOver(peer, stream);
        stream.Abort((ulong)(isWellFormed ? WireError.SessionEnded : WireError.Malformed));
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> ReadAsync(DataPeer peer, ConnectionStream stream)
    {
        using var reader = new FrameReader(stream, DataFrame.EntriesSize + _options.MaxWireValue + _options.MaxWireKey + 1024);
        while (await reader.ReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            while (reader.TryTake(out var type, out var body))
            {
                if (_exchange.Read((DataFrameType)type, body) is not { } frame) { return false; }
                lock (_lock)
                {
                    if (_isClosed) { return true; }
                    _exchange.Handle(peer.Link, frame, Now, Wall);
                    if (_keys.TakeChanged()) { _exchange.HandleKeys(name => !IsForOthers(name), Now); }
                    if (!_journal.IsOnDisk) { _exchange.HandleCommitted(long.MaxValue); }
                }
            }
            Flush();
        }
        return !reader.IsMalformed;
    }

    private async Task WriteAsync(DataPeer peer)
    {
        while (await peer.Signal.WaitAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (true)
            {
                byte[]? frame;
                ConnectionStream? stream;
                Task stored;
                lock (_lock)
                {
                    stream = peer.Stream;
                    if (stream is null || !peer.Link.TryTake(out frame)) { break; }
                    stored = _journal.Appended;
                }
                try
                {
                    await StoredAsync(stored).ConfigureAwait(false); // nothing is said that rests on what is not on the disk
                    await stream.WriteAsync(frame, _stopping.Token).ConfigureAwait(false);
                }
                catch (Exception exception) when (IsOver(exception))
                {
                    stream.Abort((ulong)(exception is CocoException ? WireError.NotStored : WireError.SessionEnded));
                    HandleOver(peer, stream);
                }
            }
        }
    }

    private void HandleOver(DataPeer peer, ConnectionStream stream)
    {
        lock (_lock)
        {
            peer.Remove(stream);
            if (!peer.IsOver) { DataExchange.HandleDisturbed(peer.Link, Now); }
            else if (_peers.GetValueOrDefault(peer.Link.Peer) == peer)
            {
                _peers.Remove(peer.Link.Peer);
                _exchange.HandleLinkDown(peer.Link);
                peer.Signal.Close();
                if (!_isClosed && Wanted().Contains(peer.Link.Peer)) { _calls.TryAdd(peer.Link.Peer, Now + (peer.HasShared ? FirstRetry : UselessTime)); }
            }
            SetTimer();
        }
    }

    // What waits to be said may rest on what is not on the disk; whoever is left calls again.
    private void HandleNotStored(StoreException failure)
    {
        _logger.DataNotStored(_loop.Self, failure);
        End(WireError.NotStored, static _ => true);
    }

    private void End(WireError code, Func<DataPeer, bool> which)
    {
        ConnectionStream[] streams;
        lock (_lock) { streams = [.. _peers.Values.Where(which).SelectMany(static peer => peer.Break())]; }
        foreach (var stream in streams) { stream.Abort((ulong)code); }
    }

    private static bool IsOver(Exception exception) =>
        exception is CocoException or TransportException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
