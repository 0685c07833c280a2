using Coco.Crypto;

namespace Coco.Hosting;

/// <summary>
/// Sessions that a part of this node has with peers: one for each, made when it is needed, anew when it was lost, and closed when nobody has
/// used it for a while.
/// </summary>
/// <param name="loop">The node's.</param>
/// <param name="use">Whose sessions they are.</param>
/// <param name="make">What the part keeps of a new one.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionPool<T>(MemberLoop loop, SessionUse use, Func<NodeConnection, T> make, TimeProvider time)
    where T : PooledSession
{
    // Chosen: page loads come in bursts; a session that stays holds the connection with the peer open.
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new(); // guards the three below
    private readonly Dictionary<NodeId, Task<T>> _sessions = [];
    private readonly List<T> _left = []; // in use still, and not used anew
    private bool _isClosed;

    /// <summary>The session with a peer, to be given back by <see cref="Release"/>.</summary>
    public async Task<T> UseAsync(NodeId peer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<T>? making;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
                if (!_sessions.TryGetValue(peer, out making) || IsUseless(making) || IsBehind(peer, making))
                {
                    if (making is { IsCompletedSuccessfully: true, Result.IsOver: false }) { _left.Add(making.Result); }
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

    public void Release(T session)
    {
        lock (_lock)
        {
            if (--session.Users == 0) { session.IdleSince = time.GetTimestamp(); }
        }
    }

    /// <summary>Closes what was not used for long.</summary>
    public async Task CloseIdleAsync()
    {
        List<T> idle = [];
        lock (_lock)
        {
            idle.AddRange(_left.Where(static session => session.Users == 0));
            _left.RemoveAll(static session => session.Users == 0);
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
        await Closing.AllAsync(idle.Select(static session => session.Connection)).ConfigureAwait(false);
    }

    public async Task CloseAsync()
    {
        T[] all;
        lock (_lock)
        {
            _isClosed = true;
            all = [.. _left, .. _sessions.Values.Where(static making => making.IsCompletedSuccessfully).Select(static making => making.Result)];
            _sessions.Clear();
            _left.Clear();
        }
        foreach (var session in all) { session.Close(); }
        await Task.WhenAll(all.Select(static session => session.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private static bool IsUseless(Task<T> making) => making.IsFaulted || making.IsCanceled || (making.IsCompletedSuccessfully && making.Result.IsOver);

    // A peer that was killed and has come back has called on a new association, long before the old one is known to be lost.
    private bool IsBehind(NodeId peer, Task<T> making) =>
        making.IsCompletedSuccessfully && loop.Connections.TryGetValue(peer, out var current) && current != making.Result.Connection.Association;

    private async Task<T> ConnectAsync(NodeId peer)
    {
        var connection = await loop.ConnectAsync(peer, null, use, CancellationToken.None).ConfigureAwait(false);
        var session = make(connection);
        session.IdleSince = time.GetTimestamp();
        return session;
    }
}
