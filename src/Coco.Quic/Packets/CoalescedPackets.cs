namespace Coco.Quic.Packets;

/// <summary>Walks the packets of one datagram (RFC 9000 §12.2).</summary>
internal ref struct CoalescedPackets(ReadOnlySpan<byte> datagram, int localConnectionIdLength)
{
    private readonly ReadOnlySpan<byte> _datagram = datagram;
    private readonly int _localConnectionIdLength = localConnectionIdLength;
    private ConnectionId _first;
    private int _next;

    /// <summary>The next packet: it is <c>datagram.Slice(offset, header.PacketLength)</c>. False ends the datagram.</summary>
    public bool TryRead(out PacketHeader header, out int offset)
    {
        offset = _next;
        while (PacketHeader.TryParse(_datagram[_next..], _localConnectionIdLength, out header))
        {
            offset = _next;
            _next += header.PacketLength;
            if (offset == 0) { _first = header.DestinationConnectionId; }

            // §12.2: a receiver SHOULD ignore any later packet with another Destination Connection ID than the first.
            if (header.DestinationConnectionId == _first) { return true; }
        }

        // What follows cannot be delimited, so nothing behind it can be found either.
        _next = _datagram.Length;
        return false;
    }
}
