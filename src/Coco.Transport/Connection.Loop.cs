using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Coco.Transport.Loop;
using Coco.Traversal.Roaming;

namespace Coco.Transport;

/// <summary>What the loop does with a connection.</summary>
public sealed partial class Connection
{
    // Chosen: often enough for people and for choices of path, rare enough to cost nothing.
    private static readonly TimeSpan ViewInterval = TimeSpan.FromMilliseconds(100);

    private readonly Endpoint _endpoint;
    private readonly EndpointLoop _loop;
    private readonly RoamingConnection _core;
    private TaskCompletionSource<CloseReason>? _closed; // once somebody asks
    private CloseReason? _closeReason;
    private volatile ConnectionView _view = ConnectionView.Empty;
    private int _isLookPosted;
    private TaskCompletionSource? _pathChange;
    private bool _isOpen;
    private volatile bool _isOver;

    internal Connection(Endpoint endpoint, EndpointLoop loop, RoamingConnection core)
    {
        _endpoint = endpoint;
        _loop = loop;
        _core = core;
        PeerId = core.PeerId;
        LocalId = core.Node.Id;
        IsCaller = core.IsCaller;
        core.Tag = this;
    }

    /// <summary>What waits for the call's answer; null where the peer called.</summary>
    internal ConnectRequest? Call { get; set; }

    /// <summary>Whether the loop serves it: false before a call is answered and after the end.</summary>
    internal bool IsOpen => _isOpen && !_isOver;

    /// <summary>The connection can be used.</summary>
    internal void HandleOpened(TimeSpan now)
    {
        _isOpen = true;
        TakeExporter();
        TransportMetrics.Opened(IsCaller);
        _loop.Logger.ConnectionOpened(PeerId, IsCaller);
        Look(now);
    }

    /// <summary>There is news of the connection.</summary>
    internal void HandleReady(TimeSpan now)
    {
        var pathChanged = false;
        while (_core.TryTakeEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case RoamingEventKind.Connected: HandleAnswered(now); break;
                case RoamingEventKind.PathChanged or RoamingEventKind.VerdictChanged: pathChanged = true; break;
                case RoamingEventKind.RecordReceived: _endpoint.Publish(_core.PeerRecord!); break;
                case RoamingEventKind.DatagramReceived: TakeDatagrams(); break;
                case RoamingEventKind.Closed: HandleClosed(_core.CloseReason!); break;
            }
        }
        while (_core.TryTakeStreamEvent(out var streamEvent)) { HandleStreamEvent(streamEvent); }
        if (!IsOpen) { return; }
        if (pathChanged) { HandlePathChanged(now); }
        else { HandleActivity(now); }
        SendQueuedDatagrams();
    }

    /// <summary>The application is about to send: after a long silence the core first asks whether the way still works.</summary>
    internal void HandleWrite()
    {
        if (IsOpen) { _core.HandleWrite(_loop.Now); }
    }

    /// <summary>Something was done with the connection: its figures may have changed.</summary>
    internal void HandleActivity(TimeSpan now)
    {
        if (IsOpen && now - _view.Made >= ViewInterval) { Look(now); }
    }

    /// <summary>The connection is over. Streams keep what has arrived for whoever still reads.</summary>
    internal void HandleClosed(CloseReason reason)
    {
        if (_isOver) { return; }
        if (_isOpen)
        {
            Look(_loop.Now);
            TransportMetrics.Closed();
            _loop.Logger.ConnectionClosed(PeerId, reason.Message);
        }
        _isOver = true;
        WipeExporter();
        _endpoint.Forget(this);
        if (Call is { } call)
        {
            Call = null;
            call.Fail(reason.ToConnectException(PeerId));
        }
        var failure = reason.ToException(PeerId);
        FailStreams(failure);
        FailDatagrams();
        Volatile.Write(ref _closeReason, reason);
        Interlocked.MemoryBarrier(); // whoever asks first now finds the reason, or is found here
        Volatile.Read(ref _closed)?.TrySetResult(reason);
        Interlocked.Exchange(ref _pathChange, null)?.TrySetResult();
        FinishClosing();
    }

    private Task<CloseReason> WhenClosed()
    {
        if (Volatile.Read(ref _closed) is { } existing) { return existing.Task; }
        var made = new TaskCompletionSource<CloseReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        made = Interlocked.CompareExchange(ref _closed, made, null) ?? made;
        if (Volatile.Read(ref _closeReason) is { } reason) { made.TrySetResult(reason); }
        return made.Task;
    }

    private void HandleAnswered(TimeSpan now)
    {
        HandleOpened(now);
        if (Call is not { } call) { return; }
        Call = null;
        // Whoever called has given up meanwhile: nobody else knows of this connection.
        if (!call.TryAnswer(this)) { _core.Close(0, "", now); }
    }

    private void HandleStreamEvent(in StreamEvent happened)
    {
        switch (happened.Kind)
        {
            case StreamEventKind.Opened: HandleStreamOpened(happened.Id); return;
            case StreamEventKind.CanOpenBidirectional: OpenWaiting(bidirectional: true); return;
            case StreamEventKind.CanOpenUnidirectional: OpenWaiting(bidirectional: false); return;
        }
        if (_streams is null || !_streams.TryGetValue(happened.Id, out var stream)) { return; }
        switch (happened.Kind)
        {
            case StreamEventKind.Readable: stream.HandleReadableEvent(); break;
            case StreamEventKind.Writable: stream.HandleWritableEvent(); break;
            case StreamEventKind.Reset: stream.HandleReset(happened.Code); break;
            case StreamEventKind.Stopped: stream.HandleStopped(happened.Code); break;
            case StreamEventKind.SendFinished:
                stream.HandleSendFinished();
                HandleFinished();
                break;
            case StreamEventKind.Closed:
                stream.ReleaseTimer();
                _streams.Remove(happened.Id);
                break;
        }
    }

    private void Look(TimeSpan now)
    {
        if (_core.Quic is not { } quic) { return; }
        _view = ConnectionView.Of(_loop.Core, quic, _core.Verdict, now);
        if (_core.ActivePath is { Link.IsReliable: true } way) { _loop.MarkAuthenticated(way.Link); }
    }

    // What is old is looked at again, for whoever asks next: a caller does not wait for the loop.
    private ConnectionView RecentView()
    {
        if (_loop.IsCurrent) { HandleActivity(_loop.Now); }
        else if (!_isOver && _loop.Now - _view.Made >= ViewInterval && Interlocked.Exchange(ref _isLookPosted, 1) == 0) { _loop.Post(new LookRequest(this)); }
        return _view;
    }

    /// <summary>The figures as they are when the loop gets to it: a whole transfer may be younger than a view.</summary>
    internal Task<TransportStatistics> CountAsync() => _endpoint.AskAsync(_ =>
    {
        Look(_loop.Now);
        return _view.Statistics;
    });

    private void HandlePathChanged(TimeSpan now)
    {
        var before = _view.Active;
        Look(now);
        if (_view.Active is not { } path) { return; }
        Interlocked.Exchange(ref _pathChange, null)?.TrySetResult();
        if (before is not null && before.Type == path.Type && before.RemoteEndPoint.Equals(path.RemoteEndPoint)) { return; }
        TransportMetrics.Switched();
        if (_loop.Logger.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Information)) { _loop.Logger.PathChanged(PeerId, $"{path.Type} {path.RemoteEndPoint}"); }
        if (PathChanged is { } handlers) { ThreadPool.UnsafeQueueUserWorkItem(_ => handlers(this, new(path)), null); }
    }

    private Task NextPathChange()
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _pathChange, made, null) ?? made).Task;
    }

    private sealed class LookRequest(Connection connection) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            Volatile.Write(ref connection._isLookPosted, 0);
            connection.HandleActivity(now);
        }

        public void Refuse()
        {
        }
    }
}
