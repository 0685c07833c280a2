using System.Buffers.Binary;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Datagrams in and out, told apart by their first byte (RFC 9443).</summary>
internal sealed partial class RoamingEndpoint
{
    // What QUIC may fill of the host's buffer, so that a neighbour's number and a relay's header fit in front of each of up to 64 datagrams.
    private const int RelayedHeadroom = 64 * 2 * FirstByte.RelayedHeaderLength;
    private const int ProbeHeaderLength = 1 + 8;

    private readonly Dictionary<ulong, RoamingConnection> _probeSessions = [];
    private readonly Queue<RoamingConnection> _probing = new();
    private bool _isOthersTurn;

    /// <summary>Takes a batch of datagrams that came over one link, back to back. They are decrypted in place.</summary>
    /// <param name="link">Where they came from.</param>
    /// <param name="data">The datagrams.</param>
    /// <param name="segmentSize">Bytes of each but the last, which may be shorter.</param>
    /// <param name="ecn">The mark they carried.</param>
    /// <param name="now">The time.</param>
    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        _forwards.Clear();
        for (var at = 0; at < data.Length; at += segmentSize)
        {
            var datagram = data.Slice(at, Math.Min(segmentSize, data.Length - at));
            if (IsSpare(link))
            {
                HandleForTrials(link, datagram, now); // what others send there must not be answered, or the mapping would be renewed
                continue;
            }
            if (_hops.HasSessions && ForwardHops(link, data, at, segmentSize, ecn, now) is var passed and > 0)
            {
                at += passed - segmentSize;
                continue;
            }
            if (datagram[0] == FirstByte.Relayed && !IsOwnSession(link, datagram, now))
            {
                if (_relayServer is null) { continue; }
                var length = RunToForward(link, data[at..], segmentSize, now);
                ForwardRelayed(link, data.Slice(at, length), at, segmentSize, ecn, now);
                at += length - segmentSize;
                continue;
            }
            HandleDatagram(link, datagram, ecn, now);
        }
        Settle(now);
    }

    /// <summary>Fills a buffer with what is to be sent next. Call it until it returns false.</summary>
    /// <param name="buffer">64 KiB.</param>
    /// <param name="now">The time.</param>
    /// <param name="transmit">How much was written and where it goes.</param>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        if (!TryTakeNext(buffer, now, out transmit)) { return false; }
        if (buffer[0] == FirstByte.Relayed && _relaysByLink.ContainsKey(transmit.Link)) { RelayedBytesSent += transmit.Length; }
        return true;
    }

    /// <summary>Bytes of datagrams handed out for relays to forward, their headers included.</summary>
    public long RelayedBytesSent { get; private set; }

    private bool TryTakeNext(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        if (TryTakeStun(buffer, now, out transmit) || TryTakeProbe(buffer, now, out transmit)) { return true; }
        // By turns: what we pass on must not keep back what is our own, nor the reverse.
        _isOthersTurn = !_isOthersTurn;
        var isTaken = _isOthersTurn
            ? TryTakePassedOn(buffer, now, out transmit) || TryTakeOwn(buffer, now, out transmit)
            : TryTakeOwn(buffer, now, out transmit) || TryTakePassedOn(buffer, now, out transmit);
        if (isTaken) { return true; }
        CloseFinishedLinks();
        return CloseFinishedSessions() && TryTakeOwn(buffer, now, out transmit); // neighbours are told
    }

    internal void AddProbeSession(RoamingConnection connection) => _probeSessions[connection.ProbeSession] = connection;

    internal void RemoveProbeSession(RoamingConnection connection) => _probeSessions.Remove(connection.ProbeSession);

    private bool TryTakeOwn(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        while (_quic.TryTakeTransmit(buffer[..Math.Min(buffer.Length, 65_507 - RelayedHeadroom)], now, out var quic))
        {
            var way = _paths[quic.Path];
            if (way.IsMesh)
            {
                if (!TryWrapForMesh(buffer, way, quic, out transmit)) { continue; } // lost, as far as the connection is concerned
                return true;
            }
            transmit = way.IsRelayed
                ? WrapForRelay(buffer, way, quic.Length, quic.SegmentSize, quic.Ecn)
                : new(way.Link, quic.Length, quic.SegmentSize, quic.Ecn);
            return true;
        }
        transmit = default;
        return false;
    }

    /// <summary>A connection may have probes to send.</summary>
    internal void MarkProbing(RoamingConnection connection)
    {
        if (connection.MayProbe) { return; }
        connection.MayProbe = true;
        _probing.Enqueue(connection);
    }

    private void HandleDatagram(in Link link, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        var first = datagram[0];
        if (FirstByte.IsQuic(first)) { HandleQuic(new(link), datagram, ecn, now); }
        else if (first == FirstByte.Probe) { HandleProbe(new(link), datagram, now); }
        else if (first == FirstByte.Relayed) { HandleRelayed(link, datagram, ecn, now); }
        else if (FirstByte.IsStun(first)) { HandleStun(link, datagram, now); }
    }

    private void HandleQuic(in PathAddress way, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        if (_paths.TryGet(way, out var path)) { _quic.HandleDatagram(path, datagram, ecn, now); }
    }

    private void HandleProbe(in PathAddress way, Span<byte> datagram, TimeSpan now)
    {
        if (datagram.Length < ProbeHeaderLength) { return; }
        if (_probeSessions.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(datagram[1..]), out var connection)) { connection.HandleProbe(way, datagram, now); }
    }

    private void HandleRelayed(in Link link, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        if (!RelayDatagram.TryReadHeader(datagram, out var session)) { return; }
        var inner = datagram[FirstByte.RelayedHeaderLength..];
        if (inner.IsEmpty) { return; }
        if (!TryWayOf(link, session, now, out var way)) { return; }
        if (FirstByte.IsQuic(inner[0])) { HandleQuic(way, inner, ecn, now); }
        else if (inner[0] == FirstByte.Probe) { HandleProbe(way, inner, now); }
        else if (inner[0] == FirstByte.Relayed && !way.IsMesh) { HandleRelayedHop(way, inner, ecn, now); }
    }

    // From a relay that we use, with a session of ours; anything else is for the relay that we are, if we are one.
    private bool IsOwnSession(in Link link, ReadOnlySpan<byte> datagram, TimeSpan now) =>
        (_relaysByLink.Count > 0 || _hops.HasSessions) && RelayDatagram.TryReadHeader(datagram, out var session)
        && (_hops.Owns(session) || (!(_relayServer?.Owns(session) ?? false) && _relaysByLink.Count > 0 && IsFromRelay(link, session, now)));

    /// <summary>Bytes from the start of the batch that are for the relay.</summary>
    private int RunToForward(in Link link, ReadOnlySpan<byte> data, int segmentSize, TimeSpan now)
    {
        var at = segmentSize;
        while (at < data.Length && data[at] == FirstByte.Relayed && !IsOwnSession(link, data[at..Math.Min(data.Length, at + segmentSize)], now)) { at += segmentSize; }
        return Math.Min(at, data.Length);
    }

    private bool TryTakeProbe(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        while (_probing.TryPeek(out var connection))
        {
            if (connection.TryTakeProbe(buffer, now, out transmit))
            {
                if (transmit.Link.Kind is not LinkKind.Hop || TryReadressForMesh(buffer, ref transmit)) { return true; }
                continue;
            }
            _probing.Dequeue();
            connection.MayProbe = false;
            SetTimer(connection); // what was sent has moved its deadline
        }
        return false;
    }

    /// <summary>Puts the relay's header in front of each datagram, in place, the last first.</summary>
    private static LinkTransmit WrapForRelay(Span<byte> buffer, in PathAddress way, int length, int segmentSize, EcnCodepoint ecn)
    {
        var count = (length + segmentSize - 1) / segmentSize;
        var wrapped = segmentSize + FirstByte.RelayedHeaderLength;
        for (var i = count - 1; i >= 0; i--)
        {
            var from = i * segmentSize;
            var to = i * wrapped;
            buffer.Slice(from, Math.Min(segmentSize, length - from)).CopyTo(buffer[(to + FirstByte.RelayedHeaderLength)..]);
            RelayDatagram.WriteHeader(buffer[to..], way.Session);
        }
        return new(way.Link, length + (count * FirstByte.RelayedHeaderLength), wrapped, ecn);
    }
}
