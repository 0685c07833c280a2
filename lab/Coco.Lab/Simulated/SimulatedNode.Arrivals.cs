using Coco.Quic.Congestion;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>Datagrams on their way from the sockets to the core. Those of one moment go in together, as with UDP_GRO.</summary>
internal sealed partial class SimulatedNode
{
    private const int MaxSegments = 64;       // UDP_MAX_SEGMENTS of Linux
    private const int MaxBatchBytes = 65_507; // one UDP datagram

    // Chosen: about what a default socket buffer of 208 KiB holds, where a packet of 1,500 bytes takes twice its size.
    private const int MaxArrivals = 64;

    private readonly List<(Link Link, byte[] Data, EcnCodepoint Ecn)> _arrivals = [];

    private void TakeArrival(Link link, byte[] datagram, EcnCodepoint ecn)
    {
        if (_isStopped || (IsHung && _arrivals.Count >= MaxArrivals)) { return; }
        _arrivals.Add((link, datagram, ecn));
        if (_arrivals.Count == 1 && !IsHung) { Host.Internet.Schedule(Host.Internet.Now, DeliverArrivals); }
    }

    private void DeliverArrivals()
    {
        if (_isStopped || IsHung || _arrivals.Count == 0) { return; }
        var now = Host.Internet.Now;
        // A copy, because cores decrypt in place and others may hold the packet.
        var buffer = Host.Internet.ReceiveBuffer;
        for (var first = 0; first < _arrivals.Count;)
        {
            var (link, datagram, ecn) = _arrivals[first];
            var length = 0;
            var count = BatchFrom(first);
            for (var i = first; i < first + count; i++)
            {
                _arrivals[i].Data.CopyTo(buffer, length);
                length += _arrivals[i].Data.Length;
            }
            first += count;
            if (length == 0) { continue; } // empty datagrams are nobody's
            _program.HandleDatagrams(link, buffer.AsSpan(0, length), datagram.Length, ecn, now);
            while (_program.TryTakeForward(out var transmit, out var offset)) { Send(transmit, buffer.AsSpan(offset, transmit.Length)); }
        }
        _arrivals.Clear();
        Flush();
    }

    // Equal in source, mark and size, but for the last, which may be shorter.
    private int BatchFrom(int first)
    {
        var (link, datagram, ecn) = _arrivals[first];
        var count = 1;
        var length = datagram.Length;
        if (link.Kind is not LinkKind.Udp || length == 0) { return 1; }
        while (first + count < _arrivals.Count && count < MaxSegments)
        {
            var next = _arrivals[first + count];
            var isAlike = next.Link == link && next.Ecn == ecn && next.Data.Length > 0 && next.Data.Length <= datagram.Length;
            if (!isAlike || length + next.Data.Length > MaxBatchBytes) { break; }
            length += next.Data.Length;
            count++;
            if (next.Data.Length < datagram.Length) { break; }
        }
        return count;
    }
}
