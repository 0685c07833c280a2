using Coco.Crypto;
using Coco.Traversal.Roaming;

namespace Coco.Transport.Loop;

/// <summary>A call, from <see cref="Endpoint.ConnectAsync"/> to its answer.</summary>
internal sealed class ConnectRequest(Endpoint endpoint, EndpointLoop loop, RoamingTarget target, TimeSpan timeout) : LoopTimer, ILoopItem
{
    private readonly TaskCompletionSource<Connection> _source =
        new(loop.Options.InlineContinuations ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly NodeId _peer = target.Peer;
    private RoamingTarget? _target = target;
    private RoamingConnection? _core;

    public async Task<Connection> WaitAsync(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(static (request, token) => ((ConnectRequest)request!).Cancel(token), this);
        await using (registration.ConfigureAwait(false)) { return await _source.Task.ConfigureAwait(false); }
    }

    public void Run(TimeSpan now)
    {
        if (_source.Task.IsCompleted || _target is null)
        {
            _core?.Close(0, "", now);
            Release();
            return;
        }
        if (!loop.Core.CanCall(_target))
        {
            Fail(new TransportException(TransportError.ClosedHere, $"{_target.Peer} is not called: {_target.As} was removed from the endpoint meanwhile."));
            return;
        }
        _core = loop.Core.Connect(_target, now);
        endpoint.Add(new(endpoint, loop, _core) { Call = this });
        loop.Timers.Set(this, now + timeout);
    }

    public void Refuse() => _source.TrySetException(Endpoint.Ended());

    public override void Fire(TimeSpan now)
    {
        if (_source.Task.IsCompleted) { return; }
        var core = _core!;
        Fail(CloseReasons.NoAnswer(core.PeerId));
        core.Close(0, "", now);
    }

    /// <summary>The peer has answered. False when nobody waits for it any more.</summary>
    public bool TryAnswer(Connection connection)
    {
        Release();
        return _source.TrySetResult(connection);
    }

    public void Fail(Exception failure)
    {
        if (_source.TrySetException(failure))
        {
            TransportMetrics.CallFailed();
            loop.Logger.CallFailed(_peer, failure.Message);
        }
        Release();
    }

    private void Release()
    {
        loop.Timers.Cancel(this);
        (_target, _core) = (null, null);
    }

    private void Cancel(CancellationToken token)
    {
        if (_source.TrySetCanceled(token)) { loop.Post(this); } // once, to take the call back
    }
}
