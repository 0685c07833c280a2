using System.Buffers;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Hosting;

/// <content>
/// Sessions: each is a connection to the app (<see cref="NodeConnection"/>). The connection's caller numbers them 0, 2, 4 …, the other side
/// 1, 3, 5 …; a session begins with its first stream, whose kind says whether it is the app's or for tunnels.
/// </content>
internal sealed partial class PeerLink
{
    // Chosen: an app that forgets to close its connections is told so before it takes the machine's memory.
    private const int MaxSessions = 1024;

    // Chosen: streams are on their way together with the message that counts them; one that was given up at once may never be seen.
    private static readonly TimeSpan LateStreams = TimeSpan.FromSeconds(5);

    private readonly Lock _sessionsLock = new(); // guards the four below
    private readonly Dictionary<ulong, NodeConnection> _sessions = [];
    private ulong _nextSession;
    private bool _areSessionsOver;
    private bool _isPumping;

    public bool HasSessions
    {
        get
        {
            lock (_sessionsLock) { return _sessions.Count > 0; }
        }
    }

    /// <summary>Whether any is for more than topics, which are said to whoever is there and wait for nobody.</summary>
    public bool HasSessionsOfApps
    {
        get
        {
            lock (_sessionsLock) { return _sessions.Values.Any(static session => session.Use is not SessionUse.Topics); }
        }
    }

    /// <summary>A session of this side's; null when the connection is over, or has too many.</summary>
    public NodeConnection? TryOpenSession(SessionUse use)
    {
        NodeConnection session;
        lock (_sessionsLock)
        {
            if (_areSessionsOver || _sessions.Count >= MaxSessions) { return null; }
            session = new(this, _nextSession, isCaller: true) { Use = use };
            _nextSession += 2;
            _sessions.Add(session.Number, session);
        }
        PumpDatagrams();
        return session;
    }

    /// <summary>Both sides have ended a session.</summary>
    public void Forget(NodeConnection session)
    {
        lock (_sessionsLock) { _sessions.Remove(session.Number); }
        _loop.PostIfRoom(() => _loop.HandleSessionEnded(this));
    }

    /// <summary>Tells the peer that nothing comes in a session but what has been opened.</summary>
    public async Task SendSessionEndAsync(ulong number, long streams, ulong code)
    {
        try
        {
            var stream = await _connection.OpenStreamAsync(bidirectional: false).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(StreamHeader.Of(StreamKind.SessionEnd, number, (ulong)streams, code)).ConfigureAwait(false);
                await stream.CompleteWritesAsync().ConfigureAwait(false);
            }
        }
        catch (TransportException)
        {
            // The connection is over, and all sessions with it.
        }
    }

    private NodeConnection? Find(ulong number)
    {
        NodeConnection session;
        lock (_sessionsLock)
        {
            if (_sessions.TryGetValue(number, out var known)) { return known; }
            var isPeers = (number & 1) == (IsCaller ? 1ul : 0ul);
            if (!isPeers || _areSessionsOver || _sessions.Count >= MaxSessions) { return null; }
            session = new(this, number, isCaller: false);
            _sessions.Add(number, session);
        }
        PumpDatagrams();
        return session;
    }

    // Whose a session is its first stream says; before that nobody is told of it, as its end may overtake that stream.
    private bool TryBegin(NodeConnection session, SessionUse use)
    {
        lock (_sessionsLock)
        {
            if (session.Use is SessionUse.Unknown && (use is not SessionUse.App || _loop.TryAccept(session))) { session.Use = use; }
            if (session.Use is SessionUse.Unknown) { _sessions.Remove(session.Number); }
            return session.Use == use;
        }
    }

    private async Task EndSessionAsync(ulong number, ConnectionStream stream)
    {
        var streams = await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        var code = await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        // One that never had a stream is none here.
        if (streams is null || code is null || (streams > 0 ? Find(number) : TryFind(number)) is not { } session) { return; }
        var arrived = session.WhenArrived((long)Math.Min(streams.Value, long.MaxValue));
        using var over = new CancellationTokenSource();
        await Task.WhenAny(arrived, Task.Delay(LateStreams, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        session.HandleEnd(code.Value);
        if (session.Use is SessionUse.Unknown) { Forget(session); }
    }

    private NodeConnection? TryFind(ulong number)
    {
        lock (_sessionsLock) { return _sessions.GetValueOrDefault(number); }
    }

    private void EndSessions(CocoException failure)
    {
        NodeConnection[] ended;
        lock (_sessionsLock)
        {
            _areSessionsOver = true;
            ended = [.. _sessions.Values];
            _sessions.Clear();
        }
        foreach (var session in ended) { session.HandleLost(failure); }
    }

    private void PumpDatagrams()
    {
        lock (_sessionsLock)
        {
            if (_isPumping) { return; }
            _isPumping = true;
        }
        _loop.Tasks.TryRun(PumpDatagramsAsync);
    }

    private async Task PumpDatagramsAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        try
        {
            while (true)
            {
                var length = await _connection.ReceiveDatagramAsync(buffer).ConfigureAwait(false);
                if (length > buffer.Length || !VarInt.TryRead(buffer.AsSpan(0, length), out var number, out var header)) { continue; }
                TryFind(number)?.HandleDatagram(buffer.AsSpan(header, length - header));
            }
        }
        catch (TransportException)
        {
            // The connection is over.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
