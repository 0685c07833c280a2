using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Traversal.Hops;

/// <summary>
/// Sessions through the mesh: those of others that a node passes on, and the ends of its own. Neighbours act as relays for each other: a
/// session is a chain of links, each with two numbers, and a datagram has its number swapped at each node. It knows nothing of QUIC; its owner
/// feeds it the messages of trusted neighbours' connections and the datagrams that begin with 0x05.
/// </summary>
/// <remarks>
/// One datagram in is one datagram out at most, to an address that a neighbour's connection has proved, and only when it came from such an
/// address with a number that this node has drawn for that neighbour. Strangers are answered nothing.
/// </remarks>
internal sealed partial class HopForwarder(HopOptions options, IHopRouter? router, RandomSource random, ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly Dictionary<int, HopNeighbour> _neighbours = [];
    private readonly Dictionary<(NodeId Self, NodeId Peer), List<HopNeighbour>> _byPeer = [];
    private readonly Dictionary<ulong, HopLeg> _legs = [];
    private readonly Dictionary<(NodeId Self, NodeId Far), List<HopLeg>> _ends = []; // of sessions that begin or end at our nodes
    private readonly Queue<(HopLeg Leg, TimeSpan Until)> _pending = new();
    private readonly Queue<HopEvent> _events = new();
    private TimeSpan _nextSweep = TimeSpan.MaxValue;
    private int _lastNumber;
    private int _sessions;
    private long _refused;

    /// <summary>Whether there is any session at all.</summary>
    public bool HasSessions => _legs.Count > 0;

    /// <summary>When <see cref="HandleTimeout"/> is due; <see cref="TimeSpan.MaxValue"/> for never. What waits for its rate is looked at apart.</summary>
    public TimeSpan Deadline => _events.Count > 0 ? TimeSpan.Zero : _pending.TryPeek(out var oldest) && oldest.Until < _nextSweep ? oldest.Until : _nextSweep;

    public HopStatistics Statistics => new(_neighbours.Count, _sessions, _packets, _bytes, _dropped, _refused, _neighbours.Values.Sum(static each => each.Queue?.Bytes ?? 0));

    /// <summary>Takes the next news of sessions that begin or end here.</summary>
    public bool TryTakeEvent([NotNullWhen(true)] out HopEvent? happened) => _events.TryDequeue(out happened);

    /// <summary>A connection is a trusted neighbour's from now on.</summary>
    public HopNeighbour AddNeighbour(NodeId self, NodeId peer, IHopLink link)
    {
        var neighbour = new HopNeighbour(++_lastNumber, self, peer, link, options);
        _neighbours.Add(neighbour.Number, neighbour);
        if (!_byPeer.TryGetValue((self, peer), out var same)) { _byPeer.Add((self, peer), same = new(1)); }
        same.Add(neighbour);
        return neighbour;
    }

    /// <summary>It is over, or not trusted any more: the sessions over it end, and all who use them are told at once.</summary>
    public void RemoveNeighbour(HopNeighbour neighbour)
    {
        if (!_neighbours.ContainsKey(neighbour.Number)) { return; }
        EndSessions(neighbour, HopCloseReason.LinkGone); // of which the neighbour is told too, if it can be
        _neighbours.Remove(neighbour.Number);
        var same = _byPeer[(neighbour.Self, neighbour.Peer)];
        same.Remove(neighbour);
        if (same.Count == 0) { _byPeer.Remove((neighbour.Self, neighbour.Peer)); }
        neighbour.Queue?.Clear();
    }

    /// <summary>A neighbour does not answer, by no way: the sessions over it end. It may come back.</summary>
    public void HandleUnreachable(HopNeighbour neighbour) => EndSessions(neighbour, HopCloseReason.Unreachable);

    /// <summary>Whether a neighbour's connection can be had for sessions now.</summary>
    public bool TryFindNeighbour(NodeId self, NodeId peer, [NotNullWhen(true)] out HopNeighbour? neighbour)
    {
        neighbour = _byPeer.TryGetValue((self, peer), out var same) ? same.Find(static each => each.Link.TryGetWay(out _)) : null;
        return neighbour is not null;
    }

    /// <summary>Asks for a session of our own. The answer is an event. False when there are too many.</summary>
    public bool TryOpen(HopNeighbour neighbour, NodeId target, NodeId aim, TimeSpan now)
    {
        if (!HasRoom(neighbour)) { return false; }
        var leg = AddEnd(neighbour, target, isOpener: true, now);
        _pending.Enqueue((leg, now + options.OpenTimeout));
        Send(neighbour, new HopMessage.Open(leg.Number, neighbour.Self, target, aim.IsDefault ? target : aim, (byte)(options.MaxHops - 1)));
        return true;
    }

    /// <summary>Ends all sessions between one of our nodes and a peer; nothing is reported.</summary>
    public void CloseAll(NodeId self, NodeId peer)
    {
        foreach (var leg in EndsWith(self, peer)) { Close(leg); }
    }

    /// <summary>Ends a session that ends here; nothing is reported.</summary>
    public void Close(in PathAddress way)
    {
        if (_legs.TryGetValue(way.Session, out var leg) && leg.Other is null) { Close(leg); }
    }

    /// <summary>The sessions between one of our nodes and a peer, as ways.</summary>
    public PathAddress[] WaysTo(NodeId self, NodeId peer) => [.. EndsWith(self, peer).Where(static leg => leg.IsOpen).Select(WayOf)];

    /// <summary>The neighbour by which a session goes that ends here.</summary>
    public NodeId NextHopOf(in PathAddress way) => _legs.TryGetValue(way.Session, out var leg) && leg.Other is null ? leg.Neighbour.Peer : default;

    /// <summary>Whether we asked for a session that ends here.</summary>
    public bool IsOpener(in PathAddress way) => _legs.TryGetValue(way.Session, out var leg) && leg.IsOpener;

    public void HandleTimeout(TimeSpan now)
    {
        while (_pending.TryPeek(out var oldest) && (oldest.Until <= now || oldest.Leg.IsOpen || !IsKnown(oldest.Leg)))
        {
            _pending.Dequeue();
            if (!oldest.Leg.IsOpen && IsKnown(oldest.Leg)) { Refuse(oldest.Leg, HopRefusal.NoAnswer); }
        }
        if (now < _nextSweep) { return; }
        foreach (var leg in _legs.Values.ToArray())
        {
            if (!IsKnown(leg) || !leg.IsOpen || now - LastUse(leg) < options.SessionIdle) { continue; }
            EndBothWays(leg, HopCloseReason.Idle);
        }
        _nextSweep = _legs.Count == 0 ? TimeSpan.MaxValue : now + (options.SessionIdle / 4);
    }

    private static TimeSpan LastUse(HopLeg leg) => leg.Other is { } other && other.LastUse > leg.LastUse ? other.LastUse : leg.LastUse;

    private static PathAddress WayOf(HopLeg leg) => new(new(LinkKind.Hop, leg.Neighbour.Number, default), leg.Number);

    private HopLeg[] EndsWith(NodeId self, NodeId peer) => _ends.TryGetValue((self, peer), out var ends) ? [.. ends] : [];

    private bool HasRoom(HopNeighbour neighbour) => _sessions < options.MaxSessions && neighbour.Legs.Count < options.MaxSessionsPerNeighbour;

    private bool IsKnown(HopLeg leg) => _legs.TryGetValue(leg.Number, out var known) && known == leg;

    private HopLeg AddLeg(HopNeighbour neighbour, NodeId far, bool isOpener, TimeSpan now)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong number;
        do
        {
            random.Fill(bytes);
            number = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
        while (number == 0 || _legs.ContainsKey(number));
        var leg = new HopLeg(number, neighbour, far, isOpener) { Index = neighbour.Legs.Count, LastUse = now };
        _legs.Add(number, leg);
        neighbour.Legs.Add(leg);
        if (_nextSweep == TimeSpan.MaxValue) { _nextSweep = now + (options.SessionIdle / 4); }
        return leg;
    }

    private HopLeg AddEnd(HopNeighbour neighbour, NodeId far, bool isOpener, TimeSpan now)
    {
        var leg = AddLeg(neighbour, far, isOpener, now);
        if (!_ends.TryGetValue((neighbour.Self, far), out var ends)) { _ends.Add((neighbour.Self, far), ends = new(1)); }
        ends.Add(leg);
        _sessions++;
        return leg;
    }

    private void Remove(HopLeg leg)
    {
        if (!_legs.Remove(leg.Number)) { return; }
        if (leg.Other is null && _ends.TryGetValue((leg.Neighbour.Self, leg.Far), out var ends) && ends.Remove(leg) && ends.Count == 0)
        {
            _ends.Remove((leg.Neighbour.Self, leg.Far));
        }
        var legs = leg.Neighbour.Legs;
        var last = legs[^1];
        legs[leg.Index] = last;
        last.Index = leg.Index;
        legs.RemoveAt(legs.Count - 1);
    }

    // A session that is ended before its answer has come is ended when that comes: until then we do not know the other's number.
    private void Close(HopLeg leg)
    {
        Remove(leg);
        _sessions--;
        if (leg.IsOpen) { Send(leg.Neighbour, new HopMessage.Closed(leg.OtherNumber, HopCloseReason.Closed)); }
    }

    private void EndSessions(HopNeighbour neighbour, HopCloseReason reason)
    {
        if (neighbour.Legs.Count == 0) { return; }
        HopsLog.NeighbourLost(_logger, neighbour.Peer, neighbour.Legs.Count, reason);
        foreach (var leg in neighbour.Legs.ToArray())
        {
            if (!IsKnown(leg)) { continue; } // both halves went over this neighbour
            if (leg.IsOpen) { EndBothWays(leg, reason); }
            else { Refuse(leg.IsOpener ? leg : leg.Other!, HopRefusal.NoAnswer); }
        }
    }

    private void EndBothWays(HopLeg leg, HopCloseReason reason)
    {
        Remove(leg);
        _sessions--;
        Send(leg.Neighbour, new HopMessage.Closed(leg.OtherNumber, reason));
        EndBehind(leg, reason);
    }

    // What lies on the other side of a half that is gone: a neighbour, or our own node.
    private void EndBehind(HopLeg leg, HopCloseReason reason)
    {
        if (leg.Other is not { } other)
        {
            _events.Enqueue(new HopEvent.Closed(leg.Neighbour.Self, leg.Far, WayOf(leg), leg.Neighbour.Peer, reason));
            return;
        }
        Remove(other);
        Send(other.Neighbour, new HopMessage.Closed(other.OtherNumber, reason));
    }

    private static void Send(HopNeighbour neighbour, HopMessage message)
    {
        var body = HopMessageCodec.Write(message, out var type);
        neighbour.Link.Send(type, body);
    }
}
