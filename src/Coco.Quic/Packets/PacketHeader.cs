using System.Diagnostics;

namespace Coco.Quic.Packets;

/// <summary>
/// The part of a version 1 packet header that is readable without keys, as offsets into the packet (RFC 9000 §17).
/// <code>
/// Initial    11 00 RR PP | Version (32) | DCID | SCID | Token Length (i) | Token | Length (i) | Packet Number (8..32) | ...
/// 0-RTT      11 01 RR PP | Version (32) | DCID | SCID | Length (i) | Packet Number (8..32) | ...
/// Handshake  11 10 RR PP | Version (32) | DCID | SCID | Length (i) | Packet Number (8..32) | ...
/// Retry      11 11 xx xx | Version (32) | DCID | SCID | Retry Token | Retry Integrity Tag (128)
/// 1-RTT      01 S RR K PP | DCID | Packet Number (8..32) | ...
/// </code>
/// R, P, S and K are reserved bits, packet number length, spin bit and key phase; all but S are under header protection.
/// </summary>
internal struct PacketHeader
{
    private const byte FixedBit = 0x40;

    public PacketType Type;
    public uint Version;
    public ConnectionId DestinationConnectionId;
    public ConnectionId SourceConnectionId;

    /// <summary>Of an Initial or a Retry; otherwise empty.</summary>
    public int TokenOffset;
    public int TokenLength;

    /// <summary>Where the protected part begins; zero in Retry and Version Negotiation packets.</summary>
    public int PacketNumberOffset;

    /// <summary>Bytes from the first byte to the end of this packet, which may stand before others in its datagram.</summary>
    public int PacketLength;

    public readonly ReadOnlySpan<byte> Token(ReadOnlySpan<byte> packet) => packet.Slice(TokenOffset, TokenLength);

    public readonly bool IsLong => Type != PacketType.OneRtt;

    public readonly EncryptionLevel Level => Type switch
    {
        PacketType.Initial => EncryptionLevel.Initial,
        PacketType.ZeroRtt => EncryptionLevel.ZeroRtt,
        PacketType.Handshake => EncryptionLevel.Handshake,
        PacketType.OneRtt => EncryptionLevel.OneRtt,
        _ => throw new UnreachableException("Retry and Version Negotiation packets are not encrypted"),
    };

    /// <summary>
    /// Parses the first packet in <paramref name="packet"/>, the rest of a datagram; false means drop that rest.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, int localConnectionIdLength, out PacketHeader header)
    {
        header = default;
        if (packet.IsEmpty) { return false; }
        return InvariantHeader.IsLong(packet[0])
            ? TryParseLong(packet, out header)
            : TryParseShort(packet, localConnectionIdLength, out header);
    }

    public static bool TryParseShort(ReadOnlySpan<byte> packet, int localConnectionIdLength, out PacketHeader header)
    {
        header = default;
        // §17.3.1: a packet whose fixed bit is zero is not valid in version 1 and MUST be discarded.
        if (packet.Length < 1 + localConnectionIdLength || (packet[0] & FixedBit) == 0) { return false; }

        header.Type = PacketType.OneRtt;
        header.Version = QuicVersion.V1;
        header.DestinationConnectionId = new(packet.Slice(1, localConnectionIdLength));
        header.PacketNumberOffset = 1 + localConnectionIdLength;
        header.PacketLength = packet.Length;
        return true;
    }

    /// <summary>Version 1 and Version Negotiation packets only; others are the endpoint's to answer (RFC 9000 §6.1).</summary>
    public static bool TryParseLong(ReadOnlySpan<byte> packet, out PacketHeader header)
    {
        header = default;
        if (!InvariantHeader.TryParse(packet, out var invariant)) { return false; }

        // §17.2: endpoints that receive a version 1 long header with a connection ID over 20 bytes MUST drop the packet. In
        // Version Negotiation they echo what we sent, which was never longer.
        if (invariant.DestinationConnectionId.Length > ConnectionId.MaxLength
            || invariant.SourceConnectionId.Length > ConnectionId.MaxLength)
        {
            return false;
        }

        header.Version = invariant.Version;
        header.DestinationConnectionId = new(invariant.DestinationConnectionId);
        header.SourceConnectionId = new(invariant.SourceConnectionId);
        if (invariant.Version == QuicVersion.Negotiation)
        {
            header.Type = PacketType.VersionNegotiation;
            header.PacketLength = packet.Length;
            return true;
        }

        // §17.2: a zero fixed bit MUST be discarded, except in Version Negotiation packets, where that bit has no meaning.
        if (invariant.Version != QuicVersion.V1 || (invariant.FirstByte & FixedBit) == 0) { return false; }

        header.Type = (PacketType)((invariant.FirstByte >> 4) & 0x03);
        return header.Type == PacketType.Retry
            ? TryParseRetry(packet, invariant.Length, ref header)
            : TryParseNumbered(packet, invariant.Length, ref header);
    }

    private static bool TryParseRetry(ReadOnlySpan<byte> packet, int offset, ref PacketHeader header)
    {
        // §17.2.5.2: a client MUST discard a Retry packet with a zero-length Retry Token field.
        if (packet.Length - offset <= RetryPacket.IntegrityTagLength) { return false; }

        header.TokenOffset = offset;
        header.TokenLength = packet.Length - offset - RetryPacket.IntegrityTagLength;
        header.PacketLength = packet.Length;
        return true;
    }

    private static bool TryParseNumbered(ReadOnlySpan<byte> packet, int offset, ref PacketHeader header)
    {
        var reader = new SpanReader(packet[offset..]);
        if (header.Type == PacketType.Initial)
        {
            if (!reader.TryReadVarIntBytes(out var token)) { return false; }
            header.TokenOffset = offset + reader.Position - token.Length;
            header.TokenLength = token.Length;
        }

        if (!reader.TryReadVarInt(out var length) || length > (ulong)reader.RemainingLength) { return false; }
        header.PacketNumberOffset = offset + reader.Position;
        header.PacketLength = header.PacketNumberOffset + (int)length;
        return true;
    }
}
