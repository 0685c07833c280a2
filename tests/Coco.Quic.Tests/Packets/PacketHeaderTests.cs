using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class PacketHeaderTests
{
    private static readonly ConnectionId Destination = new([1, 2, 3, 4, 5, 6, 7, 8]);
    private static readonly ConnectionId Source = new([9, 10, 11]);

    [Theory]
    [InlineData(PacketType.Initial)]
    [InlineData(PacketType.ZeroRtt)]
    [InlineData(PacketType.Handshake)]
    internal void Long_headers_round_trip(PacketType type)
    {
        var packet = Long(type, payloadLength: 100, out var offset);

        Assert.True(PacketHeader.TryParse(packet, 8, out var header));
        Assert.Equal(type, header.Type);
        Assert.Equal((Destination, Source), (header.DestinationConnectionId, header.SourceConnectionId));
        Assert.Equal((offset, packet.Length), (header.PacketNumberOffset, header.PacketLength));
        Assert.Equal(type == PacketType.Initial ? 5 : 0, header.TokenLength);
        Assert.Equal(type == PacketType.Initial ? "token"u8.ToArray() : [], header.Token(packet).ToArray());
    }

    [Fact]
    public void Short_header_takes_the_connection_id_length_we_chose()
    {
        var packet = new byte[40];
        var offset = HeaderWriter.WriteShort(packet, Destination, spin: true, keyPhase: true, packetNumberLength: 2);

        Assert.True(PacketHeader.TryParse(packet, 8, out var header));
        Assert.Equal(0x65, packet[0]);
        Assert.Equal((PacketType.OneRtt, EncryptionLevel.OneRtt), (header.Type, header.Level));
        Assert.Equal((Destination, offset, 40), (header.DestinationConnectionId, header.PacketNumberOffset, header.PacketLength));
    }

    [Fact] // RFC 9000 §17.2 and §17.3.1
    public void Packets_without_the_fixed_bit_are_discarded()
    {
        var packet = Long(PacketType.Handshake, 50, out _);
        packet[0] &= 0xBF;
        Assert.False(PacketHeader.TryParse(packet, 8, out _));
        Assert.False(PacketHeader.TryParse(new byte[40], 8, out _));
    }

    [Fact] // RFC 9000 §17.2
    public void Connection_ids_over_20_bytes_are_dropped_in_version_1_but_readable_as_invariants()
    {
        byte[] packet = [0xC0, 0, 0, 0, 1, 21, .. new byte[21], 0, .. new byte[50]];

        Assert.False(PacketHeader.TryParse(packet, 8, out _));
        Assert.True(InvariantHeader.TryParse(packet, out var header));
        Assert.Equal(21, header.DestinationConnectionId.Length);
    }

    [Fact] // RFC 9000 §17.2
    public void Length_beyond_the_datagram_is_discarded()
    {
        var packet = Long(PacketType.Handshake, 50, out _);
        Assert.False(PacketHeader.TryParse(packet.AsSpan(0, packet.Length - 1), 8, out _));
    }

    [Fact] // RFC 9000 §17.2.5.2
    public void Retry_with_an_empty_token_is_discarded()
    {
        byte[] packet = [0xF0, 0, 0, 0, 1, 0, 0, .. new byte[16]];
        Assert.False(PacketHeader.TryParse(packet, 8, out _));
        Assert.True(PacketHeader.TryParse((byte[])[.. packet, 0], 8, out var header));
        Assert.Equal((PacketType.Retry, 1), (header.Type, header.TokenLength));
    }

    [Fact]
    public void Other_versions_are_left_to_the_endpoint()
    {
        var packet = Long(PacketType.Initial, 50, out _);
        packet[4] = 2;
        Assert.False(PacketHeader.TryParse(packet, 8, out _));
    }

    [Fact]
    public void No_prefix_of_a_packet_parses_as_that_packet()
    {
        var packet = Long(PacketType.Initial, 30, out _);
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.False(PacketHeader.TryParse(packet.AsSpan(0, length), 8, out _));
        }
    }

    [Fact] // RFC 9000 §12.2
    public void Coalesced_packets_are_walked_in_order()
    {
        byte[] datagram =
        [
            .. Long(PacketType.Initial, 60, out _), .. Long(PacketType.Handshake, 70, out _), .. Short(Destination, 30),
        ];
        var packets = new CoalescedPackets(datagram, 8);
        var found = new List<(PacketType, int)>();
        while (packets.TryRead(out var header, out var offset))
        {
            found.Add((header.Type, header.PacketLength));
            Assert.True(PacketHeader.TryParse(datagram.AsSpan(offset), 8, out var again));
            Assert.Equal(header.Type, again.Type);
        }
        Assert.Equal(
            [PacketType.Initial, PacketType.Handshake, PacketType.OneRtt], found.Select(f => f.Item1));
        Assert.Equal(datagram.Length, found.Sum(f => f.Item2));
    }

    [Fact] // RFC 9000 §12.2
    public void Coalesced_packets_for_another_connection_id_are_ignored()
    {
        var stranger = new ConnectionId([8, 7, 6, 5, 4, 3, 2, 1]);
        byte[] datagram = [.. Long(PacketType.Initial, 60, out _), .. Short(stranger, 30)];
        var packets = new CoalescedPackets(datagram, 8);

        Assert.True(packets.TryRead(out _, out _));
        Assert.False(packets.TryRead(out _, out _));
    }

    [Fact] // RFC 9000 §17.2: PROTOCOL_VIOLATION once protection is off
    public void Reserved_bits_are_told_by_form()
    {
        Assert.False(PacketProtection.HasReservedBits(0xC3));
        Assert.True(PacketProtection.HasReservedBits(0xC4));
        Assert.True(PacketProtection.HasReservedBits(0xC8));
        Assert.False(PacketProtection.HasReservedBits(0x67));
        Assert.True(PacketProtection.HasReservedBits(0x48));
        Assert.True(PacketProtection.HasReservedBits(0x50));
    }

    [Fact] // RFC 9001 §5.4.2
    public void Packet_too_short_for_a_sample_is_discarded()
    {
        var keys = PacketKeys.Derive(new byte[32], AeadKind.ChaCha20Poly1305);
        var protection = PacketProtection.Create();

        Assert.False(protection.TryRemoveHeaderProtection(keys, new byte[28], 9, out _, out _));
        Assert.True(protection.TryRemoveHeaderProtection(keys, new byte[29], 9, out _, out _));
        Assert.False(protection.TryOpen(keys, 0, new byte[20], 5, out _));
    }

    [Fact]
    public void A_changed_bit_anywhere_keeps_a_packet_shut()
    {
        var keys = PacketKeys.Derive(new byte[32], AeadKind.ChaCha20Poly1305);
        var protection = PacketProtection.Create();
        var sealedPacket = Short(Destination, 60);
        protection.Seal(keys, 5, sealedPacket, 9, 2);
        for (var bit = 0; bit < 8 * sealedPacket.Length; bit++)
        {
            var packet = (byte[])sealedPacket.Clone();
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(protection.TryRemoveHeaderProtection(keys, packet, 9, out var truncated, out var length));
            Assert.False(protection.TryOpen(keys, PacketNumber.Decode(4, truncated, 8 * length), packet, 9 + length, out _));
        }
    }

    private static byte[] Long(PacketType type, int payloadLength, out int offset)
    {
        var token = type == PacketType.Initial ? "token"u8 : default;
        var packet = new byte[HeaderWriter.LongLength(type, Destination, Source, token.Length) + payloadLength];
        offset = HeaderWriter.WriteLong(packet, type, Destination, Source, token, packetNumberLength: 2);
        HeaderWriter.WriteLength(packet, offset, payloadLength);
        return packet;
    }

    private static byte[] Short(ConnectionId destination, int length)
    {
        var packet = new byte[length];
        var offset = HeaderWriter.WriteShort(packet, destination, spin: false, keyPhase: false, packetNumberLength: 2);
        PacketNumber.Write(packet.AsSpan(offset), 5, 2);
        return packet;
    }
}
