using Coco.Transport.Loop;
using Coco.Traversal.Roaming;

namespace Coco.Transport;

/// <summary>What the loop does with an endpoint, and how it ends.</summary>
public sealed partial class Endpoint
{
    // RFC 9000 leaves application codes to applications; this one tells a peer to try later.
    private const ulong Busy = 0x0C0C_0010;

    private bool _isStopping; // the loop's

    internal void Add(Connection connection) => _connections.Add(connection);

    internal void Forget(Connection connection) => _connections.Remove(connection);

    internal void HandleAccepted(RoamingConnection core, TimeSpan now)
    {
        if (_isStopping)
        {
            core.Close(Busy, "The endpoint is closing.", now);
            return;
        }
        var connection = new Connection(this, _loop, core);
        Add(connection);
        connection.HandleOpened(now);
        if (_accepted.Writer.TryWrite(connection)) { return; }
        _loop.Logger.BacklogFull(_options.AcceptBacklog);
        connection.Close(Busy, "Too many connections wait to be accepted.", now);
    }

    /// <summary>Ends what is left; on the loop, which does nothing more after the next flush.</summary>
    internal void HandleLoopEnd(TimeSpan now)
    {
        _accepted.Writer.TryComplete();
        foreach (var connection in _connections.ToArray()) { connection.Close(0, "The endpoint was closed.", now); }
    }

    private async Task StopAsync(TaskCompletionSource done)
    {
        var closing = new StopRequest(this);
        _loop.Post(closing);
        await closing.AllClosed.ConfigureAwait(false);
        if (_portMapping is not null) { await _portMapping.DisposeAsync().ConfigureAwait(false); }
        _loop.Post(new EndRequest(_loop));
        await _loop.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _loop.DisposeLinksAsync().ConfigureAwait(false);
        if (_presence is not null) { await _presence.DisposeAsync().ConfigureAwait(false); }
        await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ownNetwork?.Dispose();
        _loop.Logger.Stopped(string.Join(", ", LocalEndPoints));
        done.TrySetResult();
    }

    private Task CloseAll()
    {
        _isStopping = true;
        _accepted.Writer.TryComplete();
        // Those that nobody has taken are closed too: their peers should not wait for an answer.
        return Task.WhenAll(_connections.Where(connection => connection.IsOpen).ToArray().Select(connection => connection.CloseAsync(0, "The endpoint was closed.")));
    }

    private sealed class StopRequest(Endpoint endpoint) : ILoopItem
    {
        private readonly TaskCompletionSource<Task> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task AllClosed => _source.Task.Unwrap();

        public void Run(TimeSpan now) => _source.TrySetResult(endpoint.CloseAll());

        public void Refuse() => _source.TrySetResult(Task.CompletedTask);
    }

    private sealed class EndRequest(EndpointLoop loop) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Stop();

        public void Refuse()
        {
        }
    }
}
