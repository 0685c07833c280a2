using Coco.Hosting;
using Coco.Transport;

namespace Coco.Media;

/// <content>What peers ask for, and what they send.</content>
public sealed partial class NodeStreams
{
    /// <summary>Passes a stream on, in place of another of the same name.</summary>
    internal bool TryPassOn(Distribution distribution, Distribution? before)
    {
        lock (_lock)
        {
            var key = (distribution.Producer, distribution.Name);
            var known = _distributions.GetValueOrDefault(key);
            if (_isClosed || known != before || (known is null && _distributions.Count >= _context.Options.MaxStreams)) { return false; }
            _distributions[key] = distribution;
            return true;
        }
    }

    /// <summary>A subscription is about to be asked for in a session.</summary>
    internal Upstream Begin(StreamSubscription subscription, MediaSession session)
    {
        lock (_lock)
        {
            var upstream = new Upstream(_context, subscription, session.Connection, _nextNumber++);
            _upstreams.Add(upstream.Number, upstream);
            return upstream;
        }
    }

    internal void End(Upstream upstream)
    {
        lock (_lock) { _upstreams.Remove(upstream.Number); }
    }

    private async Task ServeAsync(NodeConnection connection, ConnectionStream stream)
    {
        var request = (MediaRequest?)await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        if (request is MediaRequest.Group) { await ServeGroupAsync(connection, stream).ConfigureAwait(false); }
        else if (request is MediaRequest.Subscription && stream.CanWrite) { await ServeSubscriptionAsync(connection, stream).ConfigureAwait(false); }
        else { stream.Abort((ulong)WireError.Malformed); }
    }

    private async Task ServeGroupAsync(NodeConnection connection, ConnectionStream stream)
    {
        var reader = new RecordReader(stream, _context.Options.MaxObjectBytes);
        if (await GroupHeader.ReadAsync(reader, default).ConfigureAwait(false) is not { } header)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        Upstream? upstream;
        lock (_lock) { upstream = _upstreams.GetValueOrDefault(header.Subscription); }
        if (upstream?.Connection == connection) { await upstream.ServeGroupAsync(header, reader, stream).ConfigureAwait(false); }
        else { stream.Abort((ulong)WireError.Late); }
    }

    private async Task ServeSubscriptionAsync(NodeConnection connection, ConnectionStream stream)
    {
        EndWithPeer(connection);
        var reader = new RecordReader(stream, MaxFrame);
        if (await reader.ReadAsync(default).ConfigureAwait(false) is not ((ulong)MediaFrame.Subscribe, var body) || SubscribeWords.TryRead(body) is not { } words)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        // The policy first: who may not have a stream is not told whether it is there.
        if (!await _context.MayAsync(words.Producer, connection.PeerId, words.Name).ConfigureAwait(false))
        {
            _context.Logger.SubscriberDenied(connection.PeerId, words.Name);
            stream.Abort((ulong)WireError.Denied);
            return;
        }
        Distribution? distribution;
        lock (_lock) { distribution = _distributions.GetValueOrDefault((words.Producer, words.Name)); }
        if (distribution is null) { stream.Abort((ulong)WireError.NotOffered); }
        else { await distribution.ServeAsync(connection, stream, words, reader).ConfigureAwait(false); }
    }

    private const int MaxFrame = 64 << 10;

    // The peer ends its sessions; this side's end is all that is left to say then.
    private void EndWithPeer(NodeConnection connection)
    {
        lock (_lock)
        {
            if (!_served.Add(connection)) { return; }
        }
        _context.Loop.Tasks.TryRun(async () =>
        {
            await connection.Closed.ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            lock (_lock) { _served.Remove(connection); }
        });
    }

    // A policy or role that has changed holds for subscriptions too.
    private async Task RecheckAsync()
    {
        var changes = _context.Loop.Watch(NodeEventKind.MembershipChanged);
        while (await changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (changes.Reader.TryRead(out _)) { }
            Distribution[] all;
            lock (_lock) { all = [.. _distributions.Values]; }
            foreach (var distribution in all) { await distribution.RecheckAsync().ConfigureAwait(false); }
        }
    }
}
