using Coco.Crypto;
using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>This node's sessions with peers: one for each, made when it is needed, anew when it was lost, and closed when nobody has used it for a while.</summary>
internal sealed class TunnelSessions(MemberLoop loop, TimeProvider time)
{
    // Chosen: page loads come in bursts; a session that stays holds the connection with the peer open.
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new(); // guards the two below
    private readonly Dictionary<NodeId, Task<TunnelSession>> _sessions = [];
    private bool _isClosed;

    /// <summary>The session with a peer, to be given back by <see cref="Release"/>.</summary>
    public async Task<TunnelSession> UseAsync(NodeId peer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<TunnelSession>? making;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
                if (!_sessions.TryGetValue(peer, out making) || IsUseless(making))
                {
                    making = ConnectAsync(peer);
                    _sessions[peer] = making;
                }
            }
            var session = await making.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (!session.IsOver && _sessions.GetValueOrDefault(peer) == making)
                {
                    session.Users++;
                    return session;
                }
            }
        }
    }

    public void Release(TunnelSession session)
    {
        lock (_lock)
        {
            if (--session.Users == 0) { session.IdleSince = time.GetTimestamp(); }
        }
    }

    /// <summary>Closes what was not used for long.</summary>
    public async Task CloseIdleAsync()
    {
        List<TunnelSession> idle = [];
        lock (_lock)
        {
            foreach (var (peer, making) in _sessions)
            {
                if (IsUseless(making)) { _sessions.Remove(peer); }
                else if (making.IsCompletedSuccessfully && making.Result is { Users: 0 } session && time.GetElapsedTime(session.IdleSince) >= IdleTime)
                {
                    _sessions.Remove(peer);
                    idle.Add(session);
                }
            }
        }
        foreach (var session in idle) { await session.Connection.DisposeAsync().ConfigureAwait(false); }
    }

    public async Task CloseAsync()
    {
        Task<TunnelSession>[] all;
        lock (_lock)
        {
            _isClosed = true;
            all = [.. _sessions.Values];
            _sessions.Clear();
        }
        foreach (var making in all)
        {
            if (!making.IsCompletedSuccessfully) { continue; }
            var session = await making.ConfigureAwait(false);
            session.Parts.Close();
            await session.Connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsUseless(Task<TunnelSession> making) => making.IsFaulted || making.IsCanceled || (making.IsCompletedSuccessfully && making.Result.IsOver);

    private async Task<TunnelSession> ConnectAsync(NodeId peer)
    {
        var connection = await loop.ConnectAsync(peer, null, SessionUse.Tunnels, CancellationToken.None).ConfigureAwait(false);
        return new(connection, loop.Tasks) { IdleSince = time.GetTimestamp() };
    }
}
