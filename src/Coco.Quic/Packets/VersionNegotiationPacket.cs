using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>
/// The answer to a version we do not speak (RFC 8999 §6, RFC 9000 §17.2.1):
/// <code>1xxxxxxx | Version (32) = 0 | DCID length (8) | DCID | SCID length (8) | SCID | Supported Version (32) ...</code>
/// </summary>
internal static class VersionNegotiationPacket
{
    /// <summary>
    /// Bytes of the largest one we write: connection IDs of other versions go up to 255 bytes, and two versions.
    /// </summary>
    public const int MaxLength = 1 + 4 + (2 * (1 + 255)) + (2 * sizeof(uint));

    /// <summary>Writes version 1 and one reserved version, in answer to a packet with these connection IDs.</summary>
    public static int Write(Span<byte> destination, in InvariantHeader received, RandomSource random)
    {
        Span<byte> drawn = stackalloc byte[1 + sizeof(uint)];
        random.Fill(drawn);
        var writer = new SpanWriter(destination);

        // §17.2.1: the other bits are arbitrary, but the fixed bit SHOULD be set where other protocols share the port.
        writer.WriteByte((byte)(drawn[0] | 0xC0));
        // The connection IDs swap places, so that the client can tell that its packet was seen.
        HeaderWriter.WriteVersionAndConnectionIds(
            ref writer, QuicVersion.Negotiation, received.SourceConnectionId, received.DestinationConnectionId);
        writer.WriteUInt32(QuicVersion.V1);
        // §6.3: a reserved version keeps clients able to ignore what they do not know.
        writer.WriteUInt32(QuicVersion.Reserved(BinaryPrimitives.ReadUInt32BigEndian(drawn[1..])));
        return writer.Position;
    }

    /// <summary>
    /// Whether a client that sent version 1 with these connection IDs must give up. False means discard: the packet does not
    /// echo what was sent, is malformed, or lists the version in use (§6.2).
    /// </summary>
    public static bool IsValidAnswer(ReadOnlySpan<byte> packet, in ConnectionId sentSource, in ConnectionId sentDestination)
    {
        if (!InvariantHeader.TryParse(packet, out var header)
            || header.Version != QuicVersion.Negotiation
            || !header.DestinationConnectionId.SequenceEqual(sentSource.Span)
            || !header.SourceConnectionId.SequenceEqual(sentDestination.Span))
        {
            return false;
        }

        var versions = packet[header.Length..];
        if (versions.IsEmpty || versions.Length % sizeof(uint) != 0) { return false; }
        for (; !versions.IsEmpty; versions = versions[sizeof(uint)..])
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(versions) == QuicVersion.V1) { return false; }
        }
        return true;
    }
}
