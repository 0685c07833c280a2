using Coco.Quic.Connections;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>The path finder and the QUIC connection it moves: each is told what the other has seen, and does what the other asks.</summary>
internal sealed partial class RoamingConnection
{
    private const int SecretLength = 96;

    // While nothing at all gets through, an answered probe says that the way is back, long before QUIC's backed-off timer would look.
    private const int LongOutageTimeouts = 4;

    private const int DeadAfterTimeouts = 2; // probe timeouts in a row: three PTO after what was not acknowledged

    private static readonly TimeSpan FirstReopen = TimeSpan.FromSeconds(1); // chosen: a relay takes a new link within that

    private PathFinder? _finder;
    private TimeSpan _reopenedAt;
    private TimeSpan _reopenDelay = FirstReopen;
    private int _seenTimeouts;
    private bool _wasDirect;
    private TimeSpan? _lostDirectAt; // and nothing has come since
    private bool _hasFinderNews; // something was told to the finder whose consequences have not been taken

    private static ReadOnlySpan<byte> SecretLabel => "EXPORTER-coco-paths"u8;

    /// <summary>Why the path in use is in use.</summary>
    public Verdict? Verdict => _finder?.Verdict;

    /// <summary>The ways known to the peer.</summary>
    public IReadOnlyList<PathView> Paths => _finder?.Paths ?? [];

    /// <summary>The way packets go now; null before the first.</summary>
    public PathAddress? ActivePath => Quic is { } quic && quic.State is not ConnectionState.Closed ? _endpoint.WayOf(quic.ActivePath) : null;

    /// <summary>What stands in probes that are for this connection; 0 while there can be none.</summary>
    internal ulong ProbeSession => _finder?.ProbeSession ?? 0;

    /// <summary>Whether it waits in the endpoint's queue of those that may have probes to send.</summary>
    internal bool MayProbe { get; set; }

    /// <summary>Call it before the application's data is written: after a long silence the way may be dead, and others are asked at once.</summary>
    public void HandleWrite(TimeSpan now)
    {
        if (_finder is null || now - Quic!.LastReceived < _endpoint.Options.Finding.LongSilence) { return; }
        _finder.HandleHealth(Health(Quic, wantsToSend: true, now), now);
        PumpFinder(now);
    }

    internal bool TryTakeProbe(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        return _finder is not null && _finder.TryTakeProbe(buffer, now, out transmit);
    }

    internal void HandleProbe(in PathAddress way, Span<byte> datagram, TimeSpan now)
    {
        _finder!.HandleProbe(way, datagram, now);
        if (Quic!.ProbeTimeouts >= LongOutageTimeouts && way == _endpoint.WayOf(Quic.ActivePath)) { Quic.HandlePathAlive(now); }
        PumpFinder(now);
    }

    internal void HandleLocal(LocalSituation situation, TimeSpan now)
    {
        if (_finder is null) { return; }
        _finder.HandleLocal(situation, now);
        if (situation.IsNetworkChanged)
        {
            Quic!.Ping();
            Quic.HandlePathAlive(now);
        }
        PumpFinder(now);
    }

    /// <summary>A link or a relay's session has ended.</summary>
    internal void HandleWayLost(in PathAddress way, TimeSpan now)
    {
        _dialer?.HandleWayLost(way, now);
        if (_finder is null) { return; }
        _finder.HandlePath(way, PathState.Lost, now);
        PumpFinder(now);
    }

    /// <summary>All ways over a link have ended.</summary>
    internal void HandleLinkClosed(in Link link, TimeSpan now)
    {
        if (_dialer is { } dialer)
        {
            dialer.HandleLinkClosed(link, now);
            GiveUpWhenNothingIsLeft(now);
            _endpoint.SetTimer(this);
        }
        foreach (var path in Paths)
        {
            if (path.Address.Link == link) { HandleWayLost(path.Address, now); }
        }
    }

    private void BeginFinding(TimeSpan now)
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        if (_finder is not null || !Quic!.TryExportKeyingMaterial(SecretLabel, [], secret)) { return; }
        _finder = _endpoint.CreateFinder(secret, IsCaller, now);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        _endpoint.AddProbeSession(this);
        _finder.HandleLocal(_endpoint.Situation, now);
        var active = _endpoint.WayOf(Quic.ActivePath);
        if (active.IsRelayed) { _finder.HandlePath(active, PathState.Available, now); }
        _finder.HandlePath(active, PathState.Activated, now);
        foreach (var (relay, way) in _endpoint.SessionsOf(this))
        {
            Use(relay);
            _finder.HandlePath(way, PathState.Available, now);
        }
        foreach (var way in _endpoint.MeshWaysOf(this))
        {
            _usesMesh = true;
            _finder.HandlePath(way, PathState.Available, now);
        }
        PumpFinder(now);
    }

    /// <summary>The longest silence in which it is left; null for the identity's.</summary>
    public void SetMaxKeepAlive(TimeSpan? silence)
    {
        _maxKeepAlive = silence;
        if (_finder is not null) { UpdateKeepAlive(); }
    }

    // The caller's pings keep both sides' mappings; the other side's own come only when those stay away, or are too seldom for its NAT.
    private void UpdateKeepAlive()
    {
        _finder!.MaxKeepAlive = _maxKeepAlive ?? Node.MaxKeepAlive;
        var interval = _finder.KeepAlive;
        Quic!.KeepAlive = IsCaller ? interval : interval * LocalSituation.WaitOfOther;
    }

    private void EndFinding(TimeSpan now)
    {
        if (_finder is null) { return; }
        _endpoint.RemoveProbeSession(this);
        _finder.Dispose();
        while (_finder.TryTakeAction(out var action))
        {
            // By one of them goes the connection's close, which is not sent yet.
            if (action is PathAction.CloseLink close) { _endpoint.CloseLinkOnceSent(close.Link); }
            else { Do(action!, now); }
        }
        if (Quic is not null) { _endpoint.CloseLinkOf(Quic); }
    }

    private void HandleSignal(ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (_finder is null || !SignalType.IsKnown(type)) { return; }
        _hasFinderNews = true;
        if (_finder.HandleSignal(type, body, now)) { return; }
        EndForBreach($"A control message of type {type} is malformed.", now);
    }

    private void HandlePathEvent(in ConnectionEvent quicEvent, TimeSpan now)
    {
        if (quicEvent.Kind is ConnectionEventKind.PathChanged)
        {
            Raise(RoamingEventKind.PathChanged);
            var isDirect = !_endpoint.WayOf(quicEvent.Path).IsRelayed;
            _lostDirectAt = _wasDirect && !isDirect ? now : null;
            _wasDirect = isDirect;
            if (_neighbour is { } neighbour && _endpoint.WayOf(quicEvent.Path).IsMesh) { _endpoint.HandleUnreachable(neighbour); }
            ReleaseMeshLater(now);
        }
        if (_finder is null) { return; }
        _finder.HandlePath(_endpoint.WayOf(quicEvent.Path), quicEvent.Kind switch
        {
            ConnectionEventKind.PathChanged => PathState.Activated,
            ConnectionEventKind.PathValidated => PathState.Validated,
            _ => PathState.Failed,
        }, now);
        _hasFinderNews = true;
    }

    private void WatchHealth(QuicConnection quic, TimeSpan now)
    {
        if (quic.LastReceived > _lostDirectAt)
        {
            _lostDirectAt = null;
            _endpoint.SuspectNat(now);
        }
        if (_finder is null || quic.ProbeTimeouts == _seenTimeouts) { return; }
        _seenTimeouts = quic.ProbeTimeouts;
        if (_seenTimeouts >= DeadAfterTimeouts)
        {
            // Nothing gets through: the links to the peer's relays, silent while nobody used them, may have died as well, and a relay that cannot be
            // reached by UDP any more has to be dialled by TCP.
            foreach (var relay in _relays) { relay.CheckAlive(); }
            ReopenSessions(quic, now);
        }
        _finder.HandleHealth(Health(quic, wantsToSend: false, now), now);
        _hasFinderNews = true;
        if (_seenTimeouts >= DeadAfterTimeouts) { LeaveDeadHop(now); }
        if (_neighbour is { } neighbour && IsLost) { _endpoint.HandleUnreachable(neighbour); }
    }

    // A peer whose link to a relay died comes back there by another, and the relay keeps the session with the old one for as long as that
    // may live. The pauses grow, for each session that comes of this stays until the relay is left.
    private void ReopenSessions(QuicConnection quic, TimeSpan now)
    {
        if (now - quic.LastReceived < FirstReopen) { return; }
        if (quic.LastReceived > _reopenedAt) { (_reopenedAt, _reopenDelay) = (TimeSpan.Zero, FirstReopen); }
        if (now < _reopenedAt + _reopenDelay) { return; }
        (_reopenedAt, _reopenDelay) = (now, _reopenDelay * 2);
        foreach (var relay in _relays) { relay.Reopen(PeerId, now); }
    }

    private PathHealth Health(QuicConnection quic, bool wantsToSend, TimeSpan now) => new(
        _endpoint.WayOf(quic.ActivePath), quic.ProbeTimeouts, quic.ProbeTimeout, quic.HasInFlight, now - quic.LastReceived, wantsToSend,
        quic.Statistics.SmoothedRtt);

    private void PumpFinder(TimeSpan now)
    {
        if (_finder is not { } finder || State is not RoamingState.Connected) { return; }
        _hasFinderNews = false;
        var body = _endpoint.SignalBuffer;
        while (finder.TryTakeSignal(body, out var type))
        {
            _control!.Send(type, body.WrittenSpan);
            body.ResetWrittenCount();
        }
        while ((Quic!.MayMigrate || (finder.IsActiveDead && Quic.MayReplacePath)) && finder.TryTakeAction(out var action)) { Do(action!, now); }
        if (finder.TryTakeVerdict(out _)) { Raise(RoamingEventKind.VerdictChanged); }
        if (finder.TryTakeEvidence(out var evidence)) { _endpoint.HandleEvidence(evidence, now); }
        UpdateKeepAlive();
        _endpoint.MarkProbing(this);
        _endpoint.SetTimer(this);
    }

    private void Do(PathAction action, TimeSpan now)
    {
        switch (action)
        {
            case PathAction.Validate validate:
                if (!TryValidate(validate.Path, now)) { _finder!.HandlePath(validate.Path, PathState.Failed, now); }
                break;
            case PathAction.Switch move:
                if (!_endpoint.TryPathTo(move.Path, out var path) || !Quic!.TrySwitchPath(path.Id, now, move.AbandonOld)) { _finder!.HandlePath(move.Path, PathState.Failed, now); }
                break;
            case PathAction.Remove remove:
                if (_endpoint.TryPathTo(remove.Path, out path)) { Quic!.TryRemovePath(path.Id); }
                break;
            case PathAction.OpenSockets open:
                _endpoint.OpenSockets(open.Count, open.IsIpv4, (sockets, then) =>
                {
                    if (State is RoamingState.Closed)
                    {
                        foreach (var socket in sockets) { _endpoint.CloseSocket(socket.Number); }
                        return;
                    }
                    _finder!.HandleSocketsOpened(open.Request, sockets, then);
                    PumpFinder(then);
                }, now);
                break;
            case PathAction.CloseSocket close: _endpoint.CloseSocket(close.Number); break;
            case PathAction.OpenTcp tcp:
                _endpoint.OpenTcp(tcp.Remote, tcp.FromListeningPort, (link, _, then) =>
                {
                    if (State is RoamingState.Closed)
                    {
                        if (link is { } late) { _endpoint.CloseLink(late); }
                        return;
                    }
                    _finder!.HandleTcp(tcp.Request, link, then);
                    PumpFinder(then);
                }, now);
                break;
            case PathAction.CloseLink close: _endpoint.CloseLink(close.Link); break;
            case PathAction.LookAtNat: _endpoint.LookAtNat(now); break;
        }
    }

    // With the way in use gone, only the peer could give what a new one takes: its word that the handshake is confirmed, and spare connection IDs,
    // which busy relays use up. The relay knows whom a session joins, and learns nothing from an ID that it has seen.
    private bool TryValidate(in PathAddress way, TimeSpan now)
    {
        if (!_endpoint.TryPathTo(way, out var path)) { return false; }
        if (!_finder!.IsActiveDead) { return Quic!.TryProbePath(path, now); }
        if (way.IsRelayed ? Quic!.TryProbePathWithoutSpare(path, now) : Quic!.TryProbePath(path, now)) { return true; }
        if (!Quic.TryReplacePath(path, now)) { return false; }
        _finder.HandlePath(way, PathState.Activated, now);
        return true;
    }
}
