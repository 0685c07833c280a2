using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

/// <summary>RFC 9001 Appendix A, byte for byte.</summary>
public sealed class Rfc9001AppendixATests
{
    private static readonly ConnectionId ClientDestination = new(Convert.FromHexString("8394c8f03e515708"));
    private static readonly ConnectionId ServerSource = new(Convert.FromHexString("f067a5502a4262b5"));

    private readonly PacketProtection _protection = PacketProtection.Create();

    [Fact] // A.1
    public void Initial_keys_follow_from_the_clients_first_destination_connection_id()
    {
        var (client, server) = InitialSecrets.DeriveKeys(ClientDestination, isServer: false);

        AssertKeys(client, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2");
        AssertKeys(server, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314");
    }

    [Fact] // A.1
    public void Initial_secrets_of_both_sides_match()
    {
        var client = new byte[32];
        var server = new byte[32];
        InitialSecrets.Derive(ClientDestination, client, server);

        Assert.Equal("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea", Hex(client));
        Assert.Equal("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b", Hex(server));
    }

    [Fact] // A.2
    public void Client_initial_is_protected_to_the_published_bytes()
    {
        var (keys, _) = InitialSecrets.DeriveKeys(ClientDestination, isServer: false);
        var packet = new byte[1200];
        var offset = HeaderWriter.WriteLong(packet, PacketType.Initial, ClientDestination, default, [], packetNumberLength: 4);
        HeaderWriter.WriteLength(packet, offset, packet.Length - offset);
        PacketNumber.Write(packet.AsSpan(offset), 2, 4);
        Convert.FromHexString(Rfc9001Vectors.ClientPayloadStart).CopyTo(packet, offset + 4);

        _protection.Seal(keys, 2, packet, offset, 4);

        Assert.Equal(Rfc9001Vectors.ClientPacket, Hex(packet));
    }

    [Fact] // A.2
    public void Client_initial_opens()
    {
        var (_, keys) = InitialSecrets.DeriveKeys(ClientDestination, isServer: true);
        var packet = Convert.FromHexString(Rfc9001Vectors.ClientPacket);

        var payload = Open(keys, packet, out var header, out var packetNumber);

        Assert.Equal(PacketType.Initial, header.Type);
        Assert.Equal(2UL, packetNumber);
        Assert.Equal(1162, payload.Length);
        Assert.StartsWith(Rfc9001Vectors.ClientPayloadStart, Hex(payload), StringComparison.Ordinal);
    }

    [Fact] // A.3
    public void Server_initial_is_protected_to_the_published_bytes()
    {
        var (keys, _) = InitialSecrets.DeriveKeys(ClientDestination, isServer: true);
        var payload = Convert.FromHexString(Rfc9001Vectors.ServerPayload);
        var packet = new byte[135];
        var offset = HeaderWriter.WriteLong(packet, PacketType.Initial, default, ServerSource, [], packetNumberLength: 2);
        HeaderWriter.WriteLength(packet, offset, packet.Length - offset);
        PacketNumber.Write(packet.AsSpan(offset), 1, 2);
        payload.CopyTo(packet, offset + 2);

        _protection.Seal(keys, 1, packet, offset, 2);

        Assert.Equal(Rfc9001Vectors.ServerPacket, Hex(packet));
    }

    [Fact] // A.3
    public void Server_initial_opens()
    {
        var (_, keys) = InitialSecrets.DeriveKeys(ClientDestination, isServer: false);
        var packet = Convert.FromHexString(Rfc9001Vectors.ServerPacket);

        var payload = Open(keys, packet, out var header, out var packetNumber);

        Assert.Equal(ServerSource, header.SourceConnectionId);
        Assert.Equal(1UL, packetNumber);
        Assert.Equal(Rfc9001Vectors.ServerPayload, Hex(payload));
    }

    [Fact] // A.4
    public void Retry_has_the_published_integrity_tag()
    {
        var packet = new byte[RetryPacket.Length(default, ServerSource, 5)];
        var length = RetryPacket.Write(packet, default, ServerSource, "token"u8, ClientDestination, _protection.Aes128Gcm);

        Assert.Equal(Rfc9001Vectors.RetryPacket, Hex(packet.AsSpan(0, length)));
    }

    [Fact] // A.4
    public void Retry_verifies_only_unchanged_and_for_its_own_connection()
    {
        var packet = Convert.FromHexString(Rfc9001Vectors.RetryPacket);
        Assert.True(PacketHeader.TryParse(packet, 0, out var header));
        Assert.Equal("token"u8, header.Token(packet));
        Assert.True(RetryPacket.Verify(packet, ClientDestination, _protection.Aes128Gcm));
        Assert.False(RetryPacket.Verify(packet, ServerSource, _protection.Aes128Gcm));

        for (var i = 0; i < packet.Length; i++)
        {
            packet[i] ^= 1;
            Assert.False(RetryPacket.Verify(packet, ClientDestination, _protection.Aes128Gcm));
            packet[i] ^= 1;
        }
    }

    [Fact] // A.5
    public void Chacha20_keys_and_their_update_match()
    {
        var keys = PacketKeys.Derive(ChaChaSecret, AeadKind.ChaCha20Poly1305);
        var next = keys.DeriveNext();
        var expected = PacketKeys.Derive(
            Convert.FromHexString("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"), AeadKind.ChaCha20Poly1305);

        AssertKeys(
            keys,
            "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
            "e0459b3474bdd0e44a41c144",
            "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        // RFC 9001 §6.1: the header protection key is not updated.
        AssertKeys(next, Hex(expected.Key), Hex(expected.Iv), Hex(keys.HeaderKey));
    }

    [Fact] // A.5
    public void Chacha20_short_header_packet_matches_both_ways()
    {
        var keys = PacketKeys.Derive(ChaChaSecret, AeadKind.ChaCha20Poly1305);
        var packet = new byte[21];
        var offset = HeaderWriter.WriteShort(packet, default, spin: false, keyPhase: false, packetNumberLength: 3);
        PacketNumber.Write(packet.AsSpan(offset), 654360564, 3);
        packet[4] = 0x01;
        _protection.Seal(keys, 654360564, packet, offset, 3);

        Assert.Equal("4cfe4189655e5cd55c41f69080575d7999c25a5bfb", Hex(packet));

        var payload = Open(keys, packet, out _, out var packetNumber, largest: 654360563);
        Assert.Equal(654360564UL, packetNumber);
        Assert.Equal("01", Hex(payload));
    }

    private static byte[] ChaChaSecret =>
        Convert.FromHexString("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");

    private byte[] Open(PacketKeys keys, byte[] packet, out PacketHeader header, out ulong packetNumber, long largest = PacketNumber.None)
    {
        Assert.True(PacketHeader.TryParse(packet, 0, out header));
        Assert.Equal(packet.Length, header.PacketLength);
        Assert.True(_protection.TryRemoveHeaderProtection(keys, packet, header.PacketNumberOffset, out var truncated, out var length));
        packetNumber = PacketNumber.Decode(largest, truncated, 8 * length);
        Assert.False(PacketProtection.HasReservedBits(packet[0]));
        Assert.True(_protection.TryOpen(keys, packetNumber, packet, header.PacketNumberOffset + length, out var payload));
        return payload.ToArray();
    }

    private static void AssertKeys(PacketKeys keys, string key, string iv, string headerKey)
    {
        Assert.Equal(key, Hex(keys.Key));
        Assert.Equal(iv, Hex(keys.Iv));
        Assert.Equal(headerKey, Hex(keys.HeaderKey));
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
