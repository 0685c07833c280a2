using System.Buffers;
using System.Runtime.CompilerServices;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Topics;

/// <content>Streams, timers and the network's changes, between the exchange and the rest of the node.</content>
public sealed partial class NodeTopics
{
    // Chosen: in networks so small everybody is linked with everybody; in larger ones topics use the links of the mesh, and those to subscribers.
    private const int MaxFullyLinked = 16;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>Says goodbye and ends all streams; the node's part.</summary>
    internal async Task DisposeAsync()
    {
        TopicSubscription[] subscriptions;
        TopicStream[] streams;
        lock (_lock)
        {
            if (_isClosed) { return; }
            _exchange.Leave(Now, Wall);
        }
        Flush();
        lock (_lock)
        {
            _isClosed = true;
            (subscriptions, streams) = ([.. _subscriptions], [.. _streams]);
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (var subscription in subscriptions) { subscription.Complete(); }
        Task[] ends = [.. streams.Select(EndAsync)];
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(Farewell, _time)).ConfigureAwait(false);
        for (var i = 0; i < ends.Length; i++)
        {
            // What has ended is not reset: the goodbye may still be on its way.
            if (!ends[i].IsCompleted) { streams[i].Stream.Abort((ulong)WireError.SessionEnded); }
        }
    }

    private async Task EndAsync(TopicStream stream)
    {
        Task writing;
        lock (_lock) { writing = stream.Writing; }
        await writing.ConfigureAwait(false);
        await ToPool();
        try
        {
            await stream.Stream.CompleteWritesAsync().ConfigureAwait(false);
            await stream.Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            // The peer was faster.
        }
    }

    private void Activate()
    {
        lock (_lock)
        {
            if (_isActive) { return; }
            _isActive = true;
            RefreshMembers();
            _exchange.Subscribe(new(TopicKeys.Prefix + "#", new(), new KeyInbox(_keys)), Now, Wall);
        }
    }

    private async Task WatchAsync()
    {
        var changes = _loop.WatchViews();
        while (await changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (changes.Reader.TryRead(out _)) { }
            lock (_lock)
            {
                if (!_isActive || _isClosed) { continue; }
                RefreshMembers();
            }
            Flush();
        }
        _loop.Unwatch(changes);
    }

    // Whoever has seen a policy in this node's view may rely on it here, though the notice of it is still on its way.
    private void KeepUp()
    {
        if (_isActive && !IsUpToDate) { RefreshMembers(); }
    }

    private bool IsUpToDate => ReferenceEquals(_membersOf, _loop.View);

    private void RefreshMembers()
    {
        _membersOf = _loop.View;
        var members = new MemberSnapshot(_membersOf);
        var neighbours = members.Reachable.Count <= MaxFullyLinked ? members.Reachable : [.. _loop.Connections.Keys.Where(members.IsReachable)];
        _exchange.HandleMembers(members, neighbours, Now, Wall);
        Rotate(members);
        SetTimer();
    }

    private void HandleTimer()
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            _timerDue = TimeSpan.MaxValue;
            _exchange.HandleTimeout(Now, Wall);
            SetTimer();
        }
        Flush();
    }

    private void SetTimer()
    {
        var deadline = _exchange.Deadline;
        if (deadline >= _timerDue || _isClosed) { return; }
        _timerDue = deadline;
        var wait = deadline - Now;
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    // Starts what the exchange wants done.
    private void Flush()
    {
        while (true)
        {
            TopicStream? write = null, close = null;
            var connect = default(NodeId);
            var bytes = ArraySegment<byte>.Empty;
            lock (_lock)
            {
                SetTimer();
                if (_exchange.TryTakeWriting(out var link))
                {
                    write = (TopicStream)link.Host!;
                    bytes = _exchange.TakeOutput(link);
                    // On this thread up to the first wait: the shortest way from the app to the wire.
                    write.Writing = WriteAsync(write, bytes);
                }
                else if (_exchange.TryTakeClosing(out var closing)) { close = closing.Host as TopicStream; }
                else if (!_exchange.TryTakeConnecting(out connect)) { return; }
                close?.Drain();
            }
            close?.Stream.Abort((ulong)WireError.SessionEnded);
            if (!connect.IsDefault && !_loop.Tasks.TryRun(() => ConnectAsync(connect))) { return; }
        }
    }

    private async Task WriteAsync(TopicStream stream, ArraySegment<byte> bytes)
    {
        while (bytes.Count > 0)
        {
            try
            {
                await stream.Stream.WriteAsync(bytes).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsOver(exception))
            {
                if (stream.Stream.IsOnLoop) { await ToPool(); }
                HandleDown(stream);
            }
            ArrayPool<byte>.Shared.Return(bytes.Array!);
            if (stream.Stream.IsOnLoop)
            {
                if (TryTakeOutput(stream, out bytes)) { continue; }
                await ToPool();
            }
            lock (_lock) { bytes = TakeOutput(stream); }
        }
    }

    // The endpoint's own thread waits for nobody.
    private bool TryTakeOutput(TopicStream stream, out ArraySegment<byte> bytes)
    {
        bytes = default;
        if (!_lock.TryEnter()) { return false; }
        try
        {
            bytes = TakeOutput(stream);
            return true;
        }
        finally
        {
            _lock.Exit();
        }
    }

    private ArraySegment<byte> TakeOutput(TopicStream stream)
    {
        var bytes = _exchange.TakeOutput(stream.Link);
        stream.Drain();
        return bytes;
    }

    private static ConfiguredTaskAwaitable ToPool() => Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

    private async Task ConnectAsync(NodeId node)
    {
        NodeConnection? session = null;
        try
        {
            session = await _loop.ConnectAsync(node, null, SessionUse.Topics, CancellationToken.None).ConfigureAwait(false);
            var stream = await session.OpenWithAsync(StreamHeader.Of(StreamKind.Topic, session.Number), CancellationToken.None).ConfigureAwait(false);
            await RunAsync(session, stream, isOurs: true).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or TransportException)
        {
            lock (_lock) { _exchange.HandleConnectFailed(node, Now, Wall); }
            Flush();
        }
        finally
        {
            if (session is not null) { await session.DisposeAsync().ConfigureAwait(false); }
        }
    }

    private async Task ServeAsync(NodeConnection connection, ConnectionStream stream)
    {
        if (!stream.CanWrite)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        Activate();
        await RunAsync(connection, stream, isOurs: false).ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    // A stream, up to its end.
    private async Task RunAsync(NodeConnection session, ConnectionStream stream, bool isOurs)
    {
        TopicStream? running = null;
        lock (_lock)
        {
            if (!_isClosed && _exchange.HandleLinkUp(session.PeerId, isOurs, session.Association, Now, Wall) is { } link)
            {
                stream.InlineLength = SmallRead;
                running = new(link, stream);
                link.Host = running;
                _streams.Add(running);
            }
        }
        Flush();
        if (running is null)
        {
            stream.Abort((ulong)WireError.SessionEnded);
            return;
        }
        var isWellFormed = true;
        try
        {
            isWellFormed = await ReadAsync(running).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            // The stream or the connection is over.
        }
        if (stream.IsOnLoop) { await ToPool(); }
        HandleDown(running);
        stream.Abort((ulong)(isWellFormed ? WireError.SessionEnded : WireError.Malformed));
        Task writing;
        lock (_lock)
        {
            _streams.Remove(running);
            writing = running.Writing;
        }
        await writing.ConfigureAwait(false);
        await ToPool();
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private void HandleDown(TopicStream stream)
    {
        lock (_lock)
        {
            _exchange.HandleLinkDown(stream.Link, Now, Wall);
            stream.Drain();
        }
        Flush();
    }

    private static bool IsOver(Exception exception) => exception is TransportException or ObjectDisposedException or InvalidOperationException;
}
