using Coco.Quic.Connections;
using Coco.Transport.Loop;

namespace Coco.Transport;

/// <summary>How a connection ends from this side.</summary>
public sealed partial class Connection
{
    private CloseRequest? _closeRequest; // the first; later ones wait for it
    private bool _isClosing; // streams are waited for

    /// <summary>A stream's bytes have all arrived, or never will: the last thing that closing waits for, maybe.</summary>
    internal void HandleFinished()
    {
        if (_isClosing && !HasFinishingStreams()) { CloseNow(_loop.Now); }
    }

    /// <summary>Ends the connection on the loop, which is about to end itself.</summary>
    internal void Close(ulong code, string reason, TimeSpan now)
    {
        _core.Close(code, reason, now);
        HandleClosed(_core.CloseReason!);
    }

    /// <summary>Ends the connection now, whatever is still on its way; for peers that have no claim to it any more.</summary>
    internal Task CloseAtOnceAsync(ulong code, string reason) => _endpoint.AskAsync(_ =>
    {
        if (!_isOver) { Close(code, reason, _loop.Now); }
        return true;
    });

    private Task RequestClose(ulong code, string reason)
    {
        if (Volatile.Read(ref _closeRequest) is { } earlier) { return earlier.Task; }
        var request = new CloseRequest(this, code, reason);
        if (Interlocked.CompareExchange(ref _closeRequest, request, null) is { } other) { return other.Task; }
        if (_loop.IsCurrent && !_loop.HasEnded) { request.Run(_loop.Now); }
        else { _loop.Post(request); }
        return request.Task;
    }

    private void StartClosing(TimeSpan now)
    {
        if (_isOver)
        {
            FinishClosing();
            return;
        }
        _isClosing = true;
        if (!HasFinishingStreams()) { CloseNow(now); }
        else { _loop.Timers.Set(_closeRequest!, now + _loop.Options.CloseTimeout); }
    }

    private void CloseNow(TimeSpan now)
    {
        _isClosing = false;
        if (_isOver) { return; }
        Close(_closeRequest!.Code, _closeRequest.Reason, now);
    }

    // The peer is told by the next flush.
    private void FinishClosing()
    {
        _isClosing = false;
        _closeRequest?.Finish();
    }

    private bool HasFinishingStreams()
    {
        if (_streams is null) { return false; }
        foreach (var stream in _streams.Values)
        {
            if (stream.IsFinishing) { return true; }
        }
        return false;
    }

    private void ReleaseWhatIsUnread()
    {
        var release = new ReleaseRequest(this);
        if (_loop.IsCurrent && !_loop.HasEnded) { release.Run(_loop.Now); }
        else { _loop.Post(release); }
    }

    private sealed class CloseRequest(Connection connection, ulong code, string reason) : LoopTimer, ILoopItem
    {
        private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ulong Code => code;

        public string Reason => reason;

        public Task Task => _source.Task;

        public void Run(TimeSpan now) => connection.StartClosing(now);

        public void Refuse() => _source.TrySetResult();

        public override void Fire(TimeSpan now) => connection.CloseNow(now);

        public void Finish()
        {
            connection._loop.Timers.Cancel(this);
            connection._loop.CompleteAfterFlush(_source);
        }
    }

    private sealed class ReleaseRequest(Connection connection) : ILoopItem
    {
        // Where this side closed, the core has let go of everything already, and still has to answer what is on its way (RFC 9000 §10.2.1).
        public void Run(TimeSpan now)
        {
            if (connection._core.Quic is { CloseReason.Kind: not CloseKind.LocalApplication } quic) { quic.Dispose(); }
        }

        public void Refuse()
        {
        }
    }
}
