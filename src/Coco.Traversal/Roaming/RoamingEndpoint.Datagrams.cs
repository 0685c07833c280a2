using Coco.Quic.Congestion;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>Datagrams in and out, told apart by their first byte.</summary>
internal sealed partial class RoamingEndpoint
{
    // What QUIC may fill of the host's buffer, so that a relay's header fits in front of each of up to 64 datagrams.
    private const int RelayedHeadroom = 64 * FirstByte.RelayedHeaderLength;

    /// <summary>Takes a batch of datagrams that came over one link, back to back. They are decrypted in place.</summary>
    /// <param name="link">Where they came from.</param>
    /// <param name="data">The datagrams.</param>
    /// <param name="segmentSize">Bytes of each but the last, which may be shorter.</param>
    /// <param name="ecn">The mark they carried.</param>
    /// <param name="now">The time.</param>
    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        for (var at = 0; at < data.Length; at += segmentSize)
        {
            var datagram = data.Slice(at, Math.Min(segmentSize, data.Length - at));
            if (FirstByte.IsQuic(datagram[0])) { HandleQuic(new(link), datagram, ecn, now); }
        }
        Settle(now);
    }

    /// <summary>Fills a buffer with what is to be sent next. Call it until it returns false.</summary>
    /// <param name="buffer">64 KiB.</param>
    /// <param name="now">The time.</param>
    /// <param name="transmit">How much was written and where it goes.</param>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        if (!_quic.TryTakeTransmit(buffer[..Math.Min(buffer.Length, 65_507 - RelayedHeadroom)], now, out var quic))
        {
            transmit = default;
            return false;
        }
        var way = _paths[quic.Path];
        transmit = new(way.Link, quic.Length, quic.SegmentSize, quic.Ecn);
        return true;
    }

    private void HandleQuic(in PathAddress way, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        if (_paths.TryGet(way, out var path)) { _quic.HandleDatagram(path, datagram, ecn, now); }
    }
}
