using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Paths;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests;

/// <summary>Makes the worked examples of docs/wire.md: lines of a label and a value, bytes in hexadecimal.</summary>
internal static class WireExamples
{
    private const int LabelWidth = 42;

    private static readonly byte[] ServerSeed = [.. Enumerable.Repeat((byte)0x5e, 32)];
    private static readonly byte[] ClientSeed = [.. Enumerable.Repeat((byte)0xc1, 32)];

    public static Dictionary<string, Func<IEnumerable<string>>> All { get; } = new()
    {
        ["node-id"] = NodeIdText,
        ["server-name"] = ServerName,
        ["raw-public-key"] = RawKey,
        ["certificate-verify"] = Verify,
        ["stateless-reset"] = Reset,
        ["client-hello"] = FirstClientHello,
    };

    private static IEnumerable<string> NodeIdText()
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        return [Line("seed", ServerSeed), Line("public key", BytesOf(key.Id)), Line("text", key.Id.ToString())];
    }

    private static IEnumerable<string> ServerName()
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        var random = Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray();
        return
        [
            Line("NodeId", BytesOf(key.Id)),
            Line("ClientHello.random", random),
            Line("HMAC-SHA256", HMACSHA256.HashData(BytesOf(key.Id), random)),
            Line("server name", ServerNameToken.Create(key.Id, random)),
        ];
    }

    private static IEnumerable<string> RawKey()
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        using var writer = new TlsWriter();
        var message = CertificateMessage.Write(writer, new RawKeyCertificate(key)).ToArray();
        var info = new byte[RawPublicKey.Length];
        RawPublicKey.Write(key.Id, info);
        return [Line("SubjectPublicKeyInfo", info), Line("Certificate message", message)];
    }

    private static IEnumerable<string> Verify()
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        using var writer = new TlsWriter();
        var hash = SHA256.HashData("the handshake so far"u8);
        var message = CertificateVerify.Write(writer, new RawKeyCertificate(key), byClient: false, hash).ToArray();
        var content = new byte[64 + 33 + 1 + 32];
        content.AsSpan(0, 64).Fill(0x20);
        "TLS 1.3, server CertificateVerify"u8.CopyTo(content.AsSpan(64));
        hash.CopyTo(content.AsSpan(98));
        Assert.True(key.Id.Verify(content, message.AsSpan(8)));
        return [Line("transcript hash", hash), Line("signed", content), Line("CertificateVerify message", message)];
    }

    private static IEnumerable<string> Reset()
    {
        var key = Enumerable.Range(0x40, 32).Select(static i => (byte)i).ToArray();
        var id = new ConnectionId([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08]);
        var token = new byte[StatelessResetToken.Length];
        StatelessResetToken.Derive(key, id).CopyTo(token);
        return [Line("static key", key), Line("connection ID", id.Span), Line("stateless reset token", token)];
    }

    /// <summary>The first datagram of a connection, opened as anybody on its way can open it (RFC 9001 §5.2).</summary>
    private static List<string> FirstClientHello()
    {
        using var server = IdentityKey.FromSeed(ServerSeed);
        using var client = IdentityKey.FromSeed(ClientSeed);
        using var endpoint = new QuicEndpoint(new EndpointOptions { Identities = [client] }, new SeededRandomSource(1));
        using var connection = endpoint.Connect(new PathInfo(new PathId(1)), new ConnectOptions(server.Id, client), TimeSpan.FromSeconds(1));
        var datagram = new byte[1500];
        Assert.True(endpoint.TryTakeTransmit(datagram, TimeSpan.FromSeconds(1), out var transmit));
        var packet = datagram.AsSpan(0, transmit.Length);
        Assert.True(PacketHeader.TryParseLong(packet, out var header));
        var hello = OpenClientHello(packet, header);

        var lines = new List<string>
        {
            Line("datagram", $"{transmit.Length} bytes"),
            Line("Destination Connection ID", header.DestinationConnectionId.Span),
            Line("Source Connection ID", header.SourceConnectionId.Span),
        };
        AddClientHello(lines, hello);
        return lines;
    }

    private static byte[] OpenClientHello(Span<byte> packet, in PacketHeader header)
    {
        var protection = PacketProtection.Create();
        var (send, receive) = InitialSecrets.DeriveKeys(header.DestinationConnectionId, isServer: true);
        using (send)
        using (receive)
        {
            Assert.True(protection.TryRemoveHeaderProtection(receive, packet, header.PacketNumberOffset, out var number, out var length));
            Assert.True(protection.TryOpen(receive, number, packet, header.PacketNumberOffset + length, out var payload));
            var frames = new FrameReader(payload, EncryptionLevel.Initial, isFromServer: false);
            Assert.True(frames.TryRead(out var frame));
            Assert.Equal((FrameType.Crypto, 0UL), (frame.Type, frame.Offset));
            return frame.Data.ToArray();
        }
    }

    private static void AddClientHello(List<string> lines, ReadOnlySpan<byte> hello)
    {
        var reader = new SpanReader(hello);
        lines.Add(Line("ClientHello, length", Take(ref reader, 4)));
        lines.Add(Line("  legacy_version", Take(ref reader, 2)));
        lines.Add(Line("  random", Take(ref reader, 32)));
        lines.Add(Line("  legacy_session_id", Take(ref reader, 1)));
        lines.Add(Line("  cipher_suites", Take(ref reader, 4)));
        lines.Add(Line("  legacy_compression_methods", Take(ref reader, 2)));
        lines.Add(Line("  extensions, length", Take(ref reader, 2)));
        while (!reader.IsEmpty)
        {
            var head = Take(ref reader, 4);
            var type = (ExtensionType)((head[0] << 8) | head[1]);
            var body = Take(ref reader, (head[2] << 8) | head[3]);
            if (type is not ExtensionType.QuicTransportParameters)
            {
                lines.Add(Line($"  {Snake(type.ToString())}", [.. head, .. body]));
                continue;
            }
            lines.Add(Line("  quic_transport_parameters, length", head));
            AddParameters(lines, body);
        }
    }

    private static void AddParameters(List<string> lines, ReadOnlySpan<byte> parameters)
    {
        var reader = new SpanReader(parameters);
        while (!reader.IsEmpty)
        {
            var start = reader.Position;
            Assert.True(reader.TryReadVarInt(out var id) && reader.TryReadVarIntBytes(out _));
            var known = Enum.IsDefined((TransportParameterId)id);
            lines.Add(Line($"    {(known ? Snake(((TransportParameterId)id).ToString()) : "reserved, to be ignored")}", parameters[start..reader.Position]));
        }
    }

    private static byte[] Take(ref SpanReader reader, int length)
    {
        Assert.True(reader.TryReadBytes(length, out var bytes));
        return bytes.ToArray();
    }

    private static string Line(string label, ReadOnlySpan<byte> bytes) => Line(label, Convert.ToHexStringLower(bytes));

    private static string Line(string label, string value) => label.PadRight(LabelWidth) + value;

    private static byte[] BytesOf(NodeId id)
    {
        var bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return bytes;
    }

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0) { text.Append('_'); }
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
