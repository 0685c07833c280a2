using System.Buffers.Binary;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Hops;

/// <summary>
/// The data path. Where the way out is a UDP socket with room, nothing is allocated, copied or kept: session numbers are swapped in the
/// batch, and runs of it go out. Where it is not, datagrams wait in shallow queues, one for each source.
/// </summary>
internal sealed partial class HopForwarder
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(1);

    private readonly Queue<HopNeighbour> _waiting = new(); // those with datagrams in their queue
    private readonly HashSet<int> _fullLinks = [];
    private HopRun[] _runs = new HopRun[64];
    private int _runCount;
    private int _nextRun;
    private bool _isUdpFull;
    private long _packets;
    private long _bytes;
    private long _dropped;

    /// <summary>Datagrams passed on, and their bytes.</summary>
    public (long Packets, long Bytes) PassedOn => (_packets, _bytes);

    /// <summary>Whether a number is one under which we receive.</summary>
    public bool Owns(ulong session) => _legs.ContainsKey(session);

    /// <summary>
    /// Passes on the datagrams of a batch that belong to sessions which end elsewhere, from an offset on and up to the first that does not.
    /// Take the runs before the next batch.
    /// </summary>
    /// <param name="from">Where the batch came from.</param>
    /// <param name="batch">Datagrams, back to back.</param>
    /// <param name="at">The offset.</param>
    /// <param name="segmentSize">Bytes of each but the last.</param>
    /// <param name="ecn">The mark they carried.</param>
    /// <param name="now">The time.</param>
    /// <returns>Bytes that were looked at; 0 when the first belongs to no such session.</returns>
    public int Forward(in PathAddress from, Span<byte> batch, int at, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        (_runCount, _nextRun) = (0, 0);
        HopLeg? leg = null;
        var isFast = false;
        var offset = at;
        while (offset < batch.Length)
        {
            var datagram = batch.Slice(offset, Math.Min(segmentSize, batch.Length - offset));
            if (!RelayDatagram.TryReadHeader(datagram, out var session)) { break; }
            if (leg?.Number != session)
            {
                if (!_legs.TryGetValue(session, out var found) || found.Other is null) { break; }
                leg = found;
                isFast = IsAccepted(leg, from, now) && Prepare(leg.Other!, now);
            }
            if (!leg.IsOpen || datagram.Length > RelayDatagram.MaxLength || !leg.IsAccepted) { _dropped++; }
            else { Pass(leg, offset, datagram, isFast, ecn); }
            offset += datagram.Length;
        }
        return offset - at;
    }

    /// <summary>Takes datagrams for one neighbour out of the batch just handed in: <c>batch[offset..]</c>.</summary>
    public bool TryTakeForward(out LinkTransmit transmit, out int offset)
    {
        while (_nextRun < _runCount)
        {
            ref var run = ref _runs[_nextRun++];
            if (!run.Target.Link.TryGetWay(out var way)) { continue; }
            (transmit, offset) = (new(way.Link, run.Length, run.SegmentSize, run.Ecn, IsMesh: true), run.Offset);
            return true;
        }
        (transmit, offset) = (default, 0);
        return false;
    }

    /// <summary>Whose way a datagram is whose number we know: a session that ends here, if it came from the neighbour.</summary>
    public bool TryFindEnd(ulong session, in PathAddress from, TimeSpan now, out PathAddress way)
    {
        way = default;
        if (!_legs.TryGetValue(session, out var leg) || leg is not { Other: null, IsOpen: true } || !IsAccepted(leg, from, now)) { return false; }
        way = WayOf(leg);
        return true;
    }

    /// <summary>Where datagrams of a session of ours go now, and the number they carry.</summary>
    public bool TryResolve(in PathAddress way, out PathAddress outer, out ulong number)
    {
        (outer, number) = (default, 0);
        if (!_legs.TryGetValue(way.Session, out var leg) || leg is not { Other: null, IsOpen: true }) { return false; }
        number = leg.OtherNumber;
        return leg.Neighbour.Link.TryGetWay(out outer);
    }

    /// <summary>A TCP or WebSocket link takes no more for now.</summary>
    public void HandleLinkFull(in Link link) => _fullLinks.Add(link.Number);

    /// <summary>It takes datagrams again, or has ended.</summary>
    public void HandleLinkFree(in Link link) => _fullLinks.Remove(link.Number);

    /// <summary>A UDP socket takes no more for now; that it does again shows when the host asks what is to be sent.</summary>
    public void HandleUdpFull() => _isUdpFull = true;

    /// <summary>Whether datagrams wait that may leave now.</summary>
    public bool TryTakeQueued(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        _isUdpFull = false;
        transmit = default;
        for (var left = _waiting.Count; left > 0; left--)
        {
            var neighbour = _waiting.Dequeue();
            var queue = neighbour.Queue!;
            queue.Refill(now);
            if (!neighbour.Link.TryGetWay(out var way) && !queue.IsEmpty) { queue.Clear(); } // there is nowhere to wait for
            var any = !queue.IsEmpty && !IsFull(way) && TryFill(queue, buffer, way, out transmit);
            if (!queue.IsEmpty) { _waiting.Enqueue(neighbour); }
            if (any) { return true; }
        }
        return false;
    }

    /// <summary>When the rate lets the next of what waits leave; <see cref="TimeSpan.MaxValue"/> when nothing waits for that.</summary>
    public TimeSpan QueueDeadline(TimeSpan now)
    {
        var deadline = TimeSpan.MaxValue;
        foreach (var neighbour in _waiting)
        {
            if (neighbour.Queue!.IsEmpty || (neighbour.Link.TryGetWay(out var way) && IsFull(way))) { continue; }
            // What may leave at once, the host is about to ask for.
            if (neighbour.Queue.WaitForRate() is var wait && wait > TimeSpan.Zero && now + wait < deadline) { deadline = now + wait; }
        }
        return deadline;
    }

    // Who knows a number and is somebody else, or somewhere else than the neighbour has proved to be, is not heard.
    private static bool IsAccepted(HopLeg leg, in PathAddress from, TimeSpan now)
    {
        var neighbour = leg.Neighbour;
        leg.IsAccepted = (neighbour.Link.TryGetWay(out var way) && way == from) || neighbour.Link.IsValidated(from);
        if (!leg.IsAccepted) { return false; }
        neighbour.LastHeard = now;
        if (now - leg.LastUse >= Grain) { leg.LastUse = now; }
        return true;
    }

    // Whether the way out is one on which datagrams can leave where they lie.
    private static bool Prepare(HopLeg other, TimeSpan now)
    {
        var target = other.Neighbour;
        (target.Queue ??= target.CreateQueue()).Refill(now);
        if (now - target.LastHeard > Grain && now >= target.NextCheck)
        {
            target.NextCheck = now + Grain;
            target.Link.CheckAlive();
        }
        return target.Link.TryGetWay(out var way) && !way.IsRelayed && !way.Link.IsReliable;
    }

    private void Pass(HopLeg leg, int offset, Span<byte> datagram, bool isFast, EcnCodepoint ecn)
    {
        var other = leg.Other!;
        var target = other.Neighbour;
        BinaryPrimitives.WriteUInt64BigEndian(datagram[1..], other.OtherNumber);
        if (isFast && !_isUdpFull && target.Queue!.TryPass(datagram.Length)) { Append(target, offset, datagram.Length, ecn); }
        else
        {
            var wasEmpty = target.Queue!.IsEmpty;
            if (!target.Queue.TryAdd((leg.Neighbour.Number, leg.Far), datagram, ecn))
            {
                _dropped++;
                return;
            }
            if (wasEmpty && !_waiting.Contains(target)) { _waiting.Enqueue(target); }
        }
        _packets++;
        _bytes += datagram.Length;
    }

    private void Append(HopNeighbour target, int offset, int length, EcnCodepoint ecn)
    {
        if (_runCount > 0)
        {
            ref var last = ref _runs[_runCount - 1];
            if (last.Target == target && last.Offset + last.Length == offset)
            {
                last.Length += length;
                return;
            }
        }
        if (_runCount == _runs.Length) { Array.Resize(ref _runs, 2 * _runs.Length); }
        // The first of a run is of the batch's segment size, or is the last of the batch and alone.
        _runs[_runCount++] = new(target, offset, length, SegmentSize: length, ecn);
    }

    private bool IsFull(in PathAddress way) => way.Link.IsReliable && _fullLinks.Contains(way.Link.Number);

    // As many of equal size and mark as the buffer takes, the last of which may be shorter; behind a relay's header where the neighbour is behind one.
    private static bool TryFill(HopQueue queue, Span<byte> buffer, in PathAddress way, out LinkTransmit transmit)
    {
        const int MaxSegments = 64;
        var header = way.IsRelayed ? FirstByte.RelayedHeaderLength : 0;
        var (at, segment, mark) = (0, 0, default(EcnCodepoint));
        for (var count = 0; count < MaxSegments && queue.TryPeek(out var length, out var ecn); count++)
        {
            var whole = header + length;
            if (count == 0) { (segment, mark) = (whole, ecn); }
            if (whole > segment || ecn != mark || at + whole > Math.Min(buffer.Length, MaxBatchBytes)) { break; }
            if (header > 0) { RelayDatagram.WriteHeader(buffer[at..], way.Session); }
            queue.Take(buffer[(at + header)..]);
            at += whole;
            if (whole < segment) { break; }
        }
        transmit = new(way.Link, at, segment, mark, IsMesh: true);
        return at > 0;
    }

    private const int MaxBatchBytes = 65_507; // one UDP datagram, as the system's offload has it
}
