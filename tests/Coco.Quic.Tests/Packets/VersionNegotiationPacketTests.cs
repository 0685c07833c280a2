using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class VersionNegotiationPacketTests
{
    private static readonly ConnectionId ClientSource = new([1, 2, 3]);
    private static readonly ConnectionId ClientDestination = new([4, 5, 6, 7, 8, 9, 10, 11]);

    [Fact] // RFC 9000 §17.2.1, RFC 8999 §6
    public void Answer_swaps_the_connection_ids_and_lists_version_1_and_a_reserved_one()
    {
        byte[] received = [0xC0, 0xFA, 0xCE, 0xB0, 0x0C, 200, .. new byte[200], 2, 1, 2];
        Assert.True(InvariantHeader.TryParse(received, out var header));
        var packet = new byte[VersionNegotiationPacket.MaxLength];
        var length = VersionNegotiationPacket.Write(packet, header, new SeededRandomSource(3));

        Assert.True(InvariantHeader.TryParse(packet.AsSpan(0, length), out var answer));
        Assert.Equal(QuicVersion.Negotiation, answer.Version);
        Assert.Equal(header.SourceConnectionId, answer.DestinationConnectionId);
        Assert.Equal(header.DestinationConnectionId, answer.SourceConnectionId);
        var versions = packet.AsSpan(answer.Length, length - answer.Length);
        Assert.Equal([0, 0, 0, 1], versions[..4].ToArray());
        Assert.All(versions[4..].ToArray(), b => Assert.Equal(0x0A, b & 0x0F));
        Assert.True(length <= received.Length + 8 + 1);
    }

    [Fact] // RFC 9000 §6.2
    public void Client_gives_up_only_for_an_echo_that_does_not_list_its_version()
    {
        Assert.True(IsValid(Packet(ClientSource, ClientDestination, 0xFF00001D)));
        Assert.False(IsValid(Packet(ClientSource, ClientDestination, 0xFF00001D, 1)));
        Assert.False(IsValid(Packet(ClientDestination, ClientSource, 0xFF00001D)));
        Assert.False(IsValid(Packet(ClientSource, default, 0xFF00001D)));
        Assert.False(IsValid(Packet(ClientSource, ClientDestination)));
        Assert.False(IsValid(Packet(ClientSource, ClientDestination, 0xFF00001D)[..^1]));
    }

    [Fact] // RFC 9000 §15
    public void Reserved_versions_follow_their_pattern()
    {
        Assert.True(QuicVersion.IsReserved(0x1A2A3A4A));
        Assert.False(QuicVersion.IsReserved(QuicVersion.V1));
        Assert.True(QuicVersion.IsReserved(QuicVersion.Reserved(0x12345678)));
    }

    private static bool IsValid(byte[] packet) =>
        VersionNegotiationPacket.IsValidAnswer(packet, ClientSource, ClientDestination);

    private static byte[] Packet(ConnectionId destination, ConnectionId source, params uint[] versions)
    {
        var buffer = new byte[100];
        var writer = new SpanWriter(buffer);
        writer.WriteByte(0x80);
        HeaderWriter.WriteVersionAndConnectionIds(ref writer, QuicVersion.Negotiation, destination.Span, source.Span);
        foreach (var version in versions) { writer.WriteUInt32(version); }
        return writer.Written.ToArray();
    }
}
