using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Paths;
using Coco.Traversal.Hops;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>The mesh: passing on what goes through us, and the ends of sessions of our own.</summary>
internal sealed partial class RoamingEndpoint
{
    private readonly HopForwarder _hops;
    private readonly List<(NodeId Self, NodeId Peer)> _closingSessions = [];
    private TimeSpan _lookedAt; // when what waits was last looked at


    /// <summary>What has been passed on for others in the mesh.</summary>
    public HopStatistics HopStatistics => _hops.Statistics;

    /// <summary>The datagrams among it, and their bytes; cheap enough for each batch.</summary>
    public (long Packets, long Bytes) PassedOn => _hops.PassedOn;

    private TimeSpan HopDeadline => _hops.Deadline is var deadline && _hops.QueueDeadline(_lookedAt) is var queue && queue < deadline ? queue : deadline;

    /// <summary>The router knows other routes than before: connections that go through the mesh ask it again.</summary>
    public void HandleRoutesChanged(TimeSpan now)
    {
        foreach (var connection in _connections.ToArray()) { connection.HandleRoutesChanged(now); }
        Settle(now);
    }

    /// <summary>A UDP socket took nothing more of what was to be forwarded: what comes meanwhile waits in fair queues.</summary>
    public void HandleForwardBlocked() => _hops.HandleUdpFull();

    internal HopNeighbour AddNeighbour(RoamingConnection connection) => _hops.AddNeighbour(connection.Node.Id, connection.PeerId, connection);

    internal void RemoveNeighbour(HopNeighbour neighbour) => _hops.RemoveNeighbour(neighbour);

    internal void HandleUnreachable(HopNeighbour neighbour) => _hops.HandleUnreachable(neighbour);

    internal bool HandleHopMessage(HopNeighbour neighbour, ulong type, ReadOnlySpan<byte> body, TimeSpan now) => _hops.HandleMessage(neighbour, type, body, now);

    /// <summary>The neighbour by which the router sends a connection's packets now.</summary>
    internal bool TryRoute(RoamingConnection connection, IReadOnlyList<NodeId> avoid, out HopNeighbour? neighbour, out NodeId aim)
    {
        (neighbour, aim) = (null, default);
        if (connection.Node is not { } node) { return false; }
        return _hops.TryRoute(new(node.Id, default, node.Id, connection.PeerId, default), avoid, out neighbour, out aim);
    }

    internal bool TryOpenSession(HopNeighbour neighbour, NodeId target, NodeId aim, TimeSpan now) => _hops.TryOpen(neighbour, target, aim, now);

    /// <summary>The ways to a connection's peer through the mesh.</summary>
    internal PathAddress[] MeshWaysOf(RoamingConnection connection) => connection.Node is { } node ? _hops.WaysTo(node.Id, connection.PeerId) : [];

    internal NodeId NextHopOf(PathAddress way) => way.IsMesh ? _hops.NextHopOf(way) : default;

    /// <summary>The address to which packets of a way leave: the peer's, a relay's, a neighbour's.</summary>
    public NetworkAddress RemoteOf(in PathAddress way)
    {
        if (!way.IsMesh) { return way.Link.Remote; }
        return _hops.TryResolve(way, out var outer, out _) ? outer.Link.Remote : NetworkAddress.FromIpv4(0, 0);
    }

    internal bool IsOpener(in PathAddress way) => _hops.IsOpener(way);

    internal void CloseSession(in PathAddress way) => _hops.Close(way);

    /// <summary>Finds out whether the neighbour lives by which a way goes.</summary>
    internal void CheckNextHop(RoamingConnection connection, in PathAddress way)
    {
        if (connection.Node is { } node && _hops.TryFindNeighbour(node.Id, _hops.NextHopOf(way), out var neighbour)) { neighbour.Link.CheckAlive(); }
    }

    /// <summary>Ends the sessions with a peer with which no connection is left; a close, not yet sent, goes first.</summary>
    internal void CloseSessionsOf(RoamingConnection connection)
    {
        if (connection.Node is { } node && _hops.HasSessions) { _closingSessions.Add((node.Id, connection.PeerId)); }
    }

    private bool CloseFinishedSessions()
    {
        if (_closingSessions.Count == 0) { return false; }
        foreach (var (self, peer) in _closingSessions)
        {
            if (ConnectionsOf(self, peer).Length == 0) { _hops.CloseAll(self, peer); }
        }
        _closingSessions.Clear();
        return true;
    }

    private RoamingConnection[] ConnectionsOf(NodeId self, NodeId peer) =>
        _connectionsByPeer.TryGetValue(peer, out var connections) ? [.. connections.Where(connection => connection.Node?.Id == self)] : [];

    private void PumpHops(TimeSpan now)
    {
        while (_hops.TryTakeEvent(out var happened))
        {
            foreach (var connection in ConnectionsOf(happened.Self, happened.Far))
            {
                switch (happened)
                {
                    case HopEvent.Opened opened: connection.HandleSessionOpened(opened.Way, now); break;
                    case HopEvent.Refused refused: connection.HandleSessionRefused(refused.Neighbour, now); break;
                    case HopEvent.Closed closed: connection.HandleSessionClosed(closed.Way, now); break;
                }
            }
        }
    }

    // Datagrams of others, from an offset of the batch on; also those that a neighbour sends us through a relay.
    private int ForwardHops(in Link link, Span<byte> data, int at, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        if (data[at] != FirstByte.Relayed) { return 0; }
        var passed = _hops.Forward(new(link), data, at, segmentSize, ecn, now);
        if (passed == 0)
        {
            var datagram = data.Slice(at, Math.Min(segmentSize, data.Length - at));
            if (datagram.Length <= FirstByte.RelayedHeaderLength || datagram[FirstByte.RelayedHeaderLength] != FirstByte.Relayed) { return 0; }
            if (!IsOwnSession(link, datagram, now) || !RelayDatagram.TryReadHeader(datagram, out var session)) { return 0; }
            var inner = datagram.Length - FirstByte.RelayedHeaderLength;
            var start = at + FirstByte.RelayedHeaderLength;
            if (_hops.Forward(new(link, session), data[..(start + inner)], start, inner, ecn, now) == 0) { return 0; }
            passed = datagram.Length;
        }
        while (_hops.TryTakeForward(out var transmit, out var offset)) { _forwards.Enqueue((transmit, offset)); }
        return passed;
    }

    // What comes with a number of ours is the neighbour's if it comes from there; all else with such a header is a relay's.
    private bool TryWayOf(in Link link, ulong session, TimeSpan now, out PathAddress way)
    {
        way = new(link, session);
        return !_hops.Owns(session) || _hops.TryFindEnd(session, new(link), now, out way);
    }

    private void HandleRelayedHop(in PathAddress relayed, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        if (!RelayDatagram.TryReadHeader(datagram, out var session) || !_hops.TryFindEnd(session, relayed, now, out var way)) { return; }
        var inner = datagram[FirstByte.RelayedHeaderLength..];
        if (inner.IsEmpty) { return; }
        if (FirstByte.IsQuic(inner[0])) { HandleQuic(way, inner, ecn, now); }
        else if (inner[0] == FirstByte.Probe) { HandleProbe(way, inner, now); }
    }

    private bool TryTakePassedOn(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        _lookedAt = now;
        return _hops.TryTakeQueued(buffer, now, out transmit);
    }

    private bool TryWrapForMesh(Span<byte> buffer, in PathAddress way, in Transmit quic, out LinkTransmit transmit)
    {
        transmit = default;
        if (!_hops.TryResolve(way, out var outer, out var number)) { return false; }
        transmit = WrapForRelay(buffer, new(outer.Link, number), quic.Length, quic.SegmentSize, quic.Ecn);
        if (outer.IsRelayed) { transmit = WrapForRelay(buffer, outer, transmit.Length, transmit.SegmentSize, quic.Ecn); }
        return true;
    }

    // A probe has our own number in its header, by which its path finder knows the way.
    private bool TryReadressForMesh(Span<byte> buffer, ref LinkTransmit transmit)
    {
        if (!RelayDatagram.TryReadHeader(buffer, out var session) || !_hops.TryResolve(new(transmit.Link, session), out var outer, out var number)) { return false; }
        RelayDatagram.WriteHeader(buffer, number);
        var length = transmit.Length;
        transmit = outer.IsRelayed ? WrapForRelay(buffer, outer, length, length, default) : new(outer.Link, length, length);
        return true;
    }
}
