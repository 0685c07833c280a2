using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Hops;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>
/// The mesh, from both sides: a connection that others' sessions go over because its peer is a trusted neighbour, and a connection whose own
/// packets go by neighbours because there is no other way, or the other ways have died.
/// </summary>
internal sealed partial class RoamingConnection : IHopLink
{
    // Probe timeouts in a row after which a neighbour that answers by no way is given up: one more than its own connection waits before it looks
    // for another way.
    private const int LostAfterTimeouts = 3;

    private static readonly TimeSpan FirstAskMesh = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(1); // chosen: then another neighbour is asked as well
    private static readonly TimeSpan LongestAskMesh = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RouteInterval = TimeSpan.FromSeconds(10); // as between voluntary moves
    private static readonly TimeSpan UnusedLifetime = TimeSpan.FromSeconds(30); // chosen: as long as relays keep unused links

    private readonly List<NodeId> _avoid = []; // neighbours that have just failed
    private HopNeighbour? _neighbour;
    private bool _usesMesh;
    private bool _isSessionAsked;
    private NodeId _askedOf; // by whom the session goes that was asked for last
    private bool _isRouteNew; // the next way is the one that routes want
    private TimeSpan _lastRoute = -RouteInterval;
    private TimeSpan _askMeshAt = TimeSpan.MaxValue;
    private TimeSpan _askMeshDelay = FirstAskMesh;
    private TimeSpan _releaseMeshAt = TimeSpan.MaxValue;

    /// <summary>Whether the peer is a trusted neighbour in the mesh: sessions may go over this connection, ours and those of others.</summary>
    public bool IsNeighbour { get; private set; }

    private TimeSpan MeshDeadline => Earlier(Earlier(_askMeshAt, _nextHopAt), _releaseMeshAt);

    private bool IsLost => _finder is { IsActiveDead: true } && Quic!.ProbeTimeouts >= LostAfterTimeouts;

    /// <summary>Says whether the peer is a trusted neighbour.</summary>
    public void SetNeighbour(bool isNeighbour)
    {
        IsNeighbour = isNeighbour;
        UpdateNeighbour();
    }

    bool IHopLink.TryGetWay(out PathAddress way)
    {
        way = default;
        if (Quic is not { State: ConnectionState.Connected } quic || IsLost) { return false; }
        way = _endpoint.WayOf(quic.ActivePath);
        return !way.IsMesh && quic.IsPathValidated(quic.ActivePath); // never a session in a session: routes have another for that
    }

    bool IHopLink.IsValidated(in PathAddress way) =>
        Quic is { State: ConnectionState.Connected } quic && !way.IsMesh && _endpoint.TryKnownPath(way, out var id) && quic.IsPathValidated(id);

    void IHopLink.CheckAlive()
    {
        if (Quic is { State: ConnectionState.Connected, HasInFlight: false } quic) { quic.Ping(); }
    }

    void IHopLink.Send(ulong type, ReadOnlySpan<byte> body)
    {
        if (State is RoamingState.Connected) { _control!.Send(type, body); }
    }

    /// <summary>There is a way to the peer through the mesh, whoever asked for it.</summary>
    internal void HandleSessionOpened(in PathAddress way, TimeSpan now)
    {
        _usesMesh = true;
        (_isSessionAsked, _askMeshAt, _askMeshDelay) = (false, TimeSpan.MaxValue, FirstAskMesh);
        if (_dialer is not null)
        {
            DialBy(way, now);
            return;
        }
        _avoid.Clear();
        if (_finder is not null)
        {
            _finder.HandlePath(way, Finding.PathState.Available, now);
            if (_isRouteNew && _endpoint.IsOpener(way)) { _finder.HandlePreferred(way, now); }
            ReleaseMeshLater(now);
            PumpFinder(now);
        }
        _isRouteNew = false;
        _endpoint.SetTimer(this);
    }

    /// <summary>A neighbour, or somebody behind it, has no way to the peer.</summary>
    internal void HandleSessionRefused(NodeId neighbour, TimeSpan now)
    {
        if (!_isSessionAsked || neighbour != _askedOf) { return; }
        _isSessionAsked = false;
        _avoid.Add(neighbour);
        if (WantsMesh(now)) { AskMesh(now); }
    }

    /// <summary>A way through the mesh is gone, and we have been told.</summary>
    internal void HandleSessionClosed(in PathAddress way, TimeSpan now)
    {
        HandleWayLost(way, now);
        if (_dialer is not null) { GiveUpWhenNothingIsLeft(now); }
        if (_finder is not { IsActiveDead: true }) { return; }
        _avoid.Clear();
        AskMeshBySide(now);
    }

    /// <summary>The router knows other routes.</summary>
    internal void HandleRoutesChanged(TimeSpan now)
    {
        if (!_usesMesh) { return; }
        _avoid.Clear();
        if (WantsMesh(now))
        {
            (_isSessionAsked, _askMeshDelay) = (false, FirstAskMesh);
            AskMesh(now);
        }
        else if (IsCaller && ActivePath is { IsMesh: true } active && _endpoint.TryRoute(this, [], out var neighbour, out _))
        {
            if (TryPreferKnown(neighbour!.Peer, active, now)) { return; }
            if (now < _lastRoute + RouteInterval) { _askMeshAt = _lastRoute + RouteInterval; }
            else { OpenSession(neighbour, now); }
        }
        _endpoint.SetTimer(this);
    }

    private bool TryPreferKnown(NodeId nextHop, PathAddress active, TimeSpan now)
    {
        foreach (var way in (PathAddress[])[active, .. _endpoint.MeshWaysOf(this)])
        {
            if (_endpoint.NextHopOf(way) != nextHop) { continue; }
            _finder!.HandlePreferred(way, now);
            ReleaseMeshLater(now);
            PumpFinder(now);
            return true;
        }
        return false;
    }

    // A call without an answer, or a connection whose way is dead and that has no other.
    private bool WantsMesh(TimeSpan now) => _usesMesh && (_isMeshAwaited
        || (_finder is { IsActiveDead: true } finder && (!finder.HasOtherWay || now - Quic!.LastReceived > FirstReopen)));

    private void AskMesh(TimeSpan now)
    {
        if (_isSessionAsked) { return; }
        _askMeshAt = TimeSpan.MaxValue;
        if (_endpoint.TryRoute(this, _avoid, out var neighbour, out var aim) && TryOpen(neighbour!, aim, now)) { return; }
        // Nobody left: the graph may know more in a moment, or a neighbour be back.
        _avoid.Clear();
        if (_isMeshAwaited && now + _askMeshDelay > _callUntil)
        {
            StopAwaitingMesh();
            GiveUpWhenNothingIsLeft(now);
            return;
        }
        (_askMeshAt, _askMeshDelay) = (now + _askMeshDelay, Earlier(_askMeshDelay * 2, LongestAskMesh));
        _endpoint.SetTimer(this);
    }

    private bool TryOpen(HopNeighbour neighbour, NodeId aim, TimeSpan now)
    {
        if (neighbour.Peer == PeerId)
        {
            // The peer is a neighbour, by another connection: the way of that one is known to work.
            if (_dialer is null || !neighbour.Link.TryGetWay(out var way)) { return false; }
            StopAwaitingMesh();
            _dialer.Add(way, now);
            return true;
        }
        if (!_endpoint.TryOpenSession(neighbour, PeerId, aim, now)) { return false; }
        (_isSessionAsked, _askedOf, _askMeshAt) = (true, neighbour.Peer, now + AnswerWait);
        _endpoint.SetTimer(this);
        return true;
    }

    private void OpenSession(HopNeighbour neighbour, TimeSpan now)
    {
        _lastRoute = now;
        _isRouteNew = true;
        if (!_isSessionAsked && _endpoint.TryRoute(this, [], out _, out var aim)) { TryOpen(neighbour, aim, now); }
    }

    // Both sides notice; where the caller can help itself, one session is enough.
    private void AskMeshBySide(TimeSpan now)
    {
        if (!WantsMesh(now) || _isSessionAsked) { return; }
        if (IsCaller) { AskMesh(now); }
        else if (_askMeshAt == TimeSpan.MaxValue)
        {
            _askMeshAt = now + FirstAskMesh;
            _endpoint.SetTimer(this);
        }
    }

    // The way in use does not deliver, and nobody has said so.
    private void LeaveDeadHop(TimeSpan now)
    {
        if (!_usesMesh || !_finder!.IsActiveDead || ActivePath is not { } active) { return; }
        if (active.IsMesh)
        {
            _endpoint.CheckNextHop(this, active);
            var hop = _endpoint.NextHopOf(active);
            if (!hop.IsDefault && !_avoid.Contains(hop)) { _avoid.Add(hop); }
        }
        AskMeshBySide(now);
    }

    private void HandleMeshTimeout(TimeSpan now)
    {
        if (now >= _askMeshAt)
        {
            _askMeshAt = TimeSpan.MaxValue;
            if (_isSessionAsked) { _avoid.Add(_askedOf); } // its answer is welcome all the same
            _isSessionAsked = false;
            if (WantsMesh(now)) { AskMesh(now); }
            else { HandleRoutesChanged(now); }
        }
        if (now >= _nextHopAt) { TryAnotherHop(now); }
        if (now < _releaseMeshAt) { return; }
        _releaseMeshAt = TimeSpan.MaxValue;
        ReleaseMesh(now);
    }

    private void ReleaseMeshLater(TimeSpan now)
    {
        if (_usesMesh && IsCaller && _releaseMeshAt == TimeSpan.MaxValue) { _releaseMeshAt = now + UnusedLifetime; }
    }

    // Others carry a session as long as it stands: what we do not need is given back.
    private void ReleaseMesh(TimeSpan now)
    {
        if (_finder is not { IsActiveDead: false } finder || ActivePath is not { } active) { return; }
        foreach (var way in _endpoint.MeshWaysOf(this))
        {
            if (way == active || !_endpoint.IsOpener(way) || (active.IsRelayed && finder.IsStandby(way))) { continue; }
            _endpoint.CloseSession(way);
            HandleWayLost(way, now);
        }
    }

    private void HandleHopMessage(ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (_neighbour is { } neighbour)
        {
            if (!_endpoint.HandleHopMessage(neighbour, type, body, now)) { EndForBreach($"A control message of type {type} is malformed.", now); }
        }
        else if (HopForwarder.AnswerToStranger(type, body, out var answerType) is { } answer) { _control!.Send(answerType, answer); }
    }

    private void UpdateNeighbour()
    {
        var isOne = IsNeighbour && State is RoamingState.Connected;
        if (isOne && _neighbour is null) { _neighbour = _endpoint.AddNeighbour(this); }
        else if (!isOne && _neighbour is { } former)
        {
            _neighbour = null;
            _endpoint.RemoveNeighbour(former);
        }
    }

    private void EndMesh()
    {
        UpdateNeighbour();
        (_askMeshAt, _releaseMeshAt, _isMeshAwaited) = (TimeSpan.MaxValue, TimeSpan.MaxValue, false);
        if (_usesMesh) { _endpoint.CloseSessionsOf(this); }
    }
}
