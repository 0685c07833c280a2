using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>
/// Several ways to one node are tried, each with a connection of its own, a moment apart; the first that answers is kept and the others
/// are taken back ("happy eyeballs", RFC 8305, with handshakes in place of TCP).
/// </summary>
internal sealed class Dialer(RoamingEndpoint endpoint, QuicUser owner, NodeId peer, IdentityKey identity, string protocol)
{
    private readonly List<QuicConnection> _attempts = [];
    private readonly List<PathAddress> _known = [];
    private readonly Queue<PathAddress> _toTry = new();
    private int _pending;
    private TimeSpan _nextAttempt = TimeSpan.MaxValue;

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    public TimeSpan Deadline => _nextAttempt;

    /// <summary>Why the last attempt failed.</summary>
    public CloseReason? LastFailure { get; private set; }

    /// <summary>Whether nothing runs any more and nothing can come of it.</summary>
    public bool IsExhausted => _attempts.Count == 0 && _toTry.Count == 0 && _pending == 0;

    /// <summary>Whether something else that was asked may still give a way.</summary>
    public bool HasPending => _pending > 0;

    /// <summary>Tries one more way, unless it is known or there are too many.</summary>
    public void Add(in PathAddress way, TimeSpan now)
    {
        if (_known.Count >= endpoint.Options.MaxAttempts || _known.Contains(way)) { return; }
        _known.Add(way);
        _toTry.Enqueue(way);
        if (_nextAttempt == TimeSpan.MaxValue) { TryNext(now); }
    }

    /// <summary>Something else has been asked that may give a way: a relay for a session, the host for a link.</summary>
    public void AddPending() => _pending++;

    /// <summary>It has been answered.</summary>
    public void RemovePending() => _pending--;

    public void HandleTimeout(TimeSpan now)
    {
        if (now < _nextAttempt) { return; }
        _nextAttempt = TimeSpan.MaxValue;
        TryNext(now);
    }

    /// <summary>Looks at an attempt to which something has happened. True when it is the one to keep; the others have been taken back.</summary>
    public bool HandleReady(QuicConnection quic, TimeSpan now)
    {
        if (!_attempts.Contains(quic)) { return false; }
        while (quic.TryTakeEvent(out var quicEvent))
        {
            if (quicEvent.Kind is ConnectionEventKind.Connected)
            {
                _attempts.Remove(quic);
                Stop(now);
                return true;
            }
            if (quicEvent.Kind is not ConnectionEventKind.Closed) { continue; }
            _attempts.Remove(quic);
            LastFailure = quic.CloseReason;
            endpoint.CloseLinkOf(quic);
            quic.Dispose();
            TryNext(now);
            return false;
        }
        return false;
    }

    /// <summary>A link has ended, and nothing will answer there. An attempt that nobody can answer would take half a minute to fail.</summary>
    public void HandleLinkClosed(Link link, TimeSpan now) => Forget(way => way.Link == link, now);

    /// <summary>The same of one way, a relay's session.</summary>
    public void HandleWayLost(PathAddress lost, TimeSpan now) => Forget(way => way == lost, now);

    /// <summary>Takes all attempts back.</summary>
    public void Stop(TimeSpan now)
    {
        _nextAttempt = TimeSpan.MaxValue;
        _toTry.Clear();
        foreach (var attempt in _attempts)
        {
            attempt.Tag = null;
            attempt.Close(ControlMessage.Superseded, "", now);
            endpoint.CloseLinkOf(attempt);
        }
        _attempts.Clear();
    }

    private void Forget(Predicate<PathAddress> isGone, TimeSpan now)
    {
        _known.RemoveAll(isGone);
        var gone = _attempts.FindAll(attempt => isGone(endpoint.WayOf(attempt.ActivePath)));
        foreach (var attempt in gone)
        {
            _attempts.Remove(attempt);
            attempt.Tag = null;
            attempt.Close(ControlMessage.Superseded, "", now);
            LastFailure = new(CloseKind.LocalTransport, 0, 0, "The link ended before the peer had answered.");
        }
        if (gone.Count > 0) { TryNext(now); }
    }

    private void TryNext(TimeSpan now)
    {
        while (_toTry.TryDequeue(out var way))
        {
            if (!endpoint.TryConnect(owner, peer, identity, protocol, way, now, out var quic)) { continue; }
            _attempts.Add(quic);
            _nextAttempt = _toTry.Count > 0 ? now + endpoint.Options.AttemptDelay : TimeSpan.MaxValue;
            return;
        }
    }
}
