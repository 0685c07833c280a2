using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>
/// Retry packets and their integrity tag, which proves that the sender saw the client's Initial (RFC 9001 §5.8).
/// </summary>
internal static class RetryPacket
{
    public const int IntegrityTagLength = 16;

    private const int MaxLength = 2048; // chosen: far above what fits a datagram unfragmented, small enough for the stack

    private static ReadOnlySpan<byte> Key =>
        [0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e];

    private static ReadOnlySpan<byte> Nonce => [0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb];

    public static int Length(in ConnectionId destination, in ConnectionId source, int tokenLength) =>
        1 + 4 + 1 + destination.Length + 1 + source.Length + tokenLength + IntegrityTagLength;

    /// <summary>
    /// Writes a Retry to the client that sent an Initial to <paramref name="originalDestination"/>. The unused bits, the low four
    /// of the first byte, are arbitrary (RFC 9000 §17.2.5).
    /// </summary>
    public static int Write(
        Span<byte> packet,
        in ConnectionId destination,
        in ConnectionId source,
        ReadOnlySpan<byte> token,
        in ConnectionId originalDestination,
        PacketAead aes128Gcm,
        byte unusedBits = 0x0F)
    {
        var writer = new SpanWriter(packet);
        writer.WriteByte((byte)(0xF0 | (unusedBits & 0x0F)));
        HeaderWriter.WriteVersionAndConnectionIds(ref writer, QuicVersion.V1, destination.Span, source.Span);
        writer.WriteBytes(token);
        ComputeTag(writer.Written, originalDestination, aes128Gcm, writer.Reserve(IntegrityTagLength));
        return writer.Position;
    }

    /// <summary>§5.8: a client MUST discard a Retry whose tag does not verify.</summary>
    public static bool Verify(ReadOnlySpan<byte> packet, in ConnectionId originalDestination, PacketAead aes128Gcm)
    {
        if (packet.Length is < IntegrityTagLength or > MaxLength) { return false; }

        Span<byte> expected = stackalloc byte[IntegrityTagLength];
        ComputeTag(packet[..^IntegrityTagLength], originalDestination, aes128Gcm, expected);
        return CryptographicOperations.FixedTimeEquals(expected, packet[^IntegrityTagLength..]);
    }

    // The tag seals nothing; its associated data is the Retry behind the length and bytes of the client's first choice of ID.
    private static void ComputeTag(
        ReadOnlySpan<byte> retry, in ConnectionId originalDestination, PacketAead aes128Gcm, Span<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retry.Length, MaxLength, nameof(retry));
        Span<byte> pseudoPacket = stackalloc byte[1 + ConnectionId.MaxLength + MaxLength];
        var writer = new SpanWriter(pseudoPacket);
        writer.WriteByte((byte)originalDestination.Length);
        writer.WriteBytes(originalDestination.Span);
        writer.WriteBytes(retry);
        aes128Gcm.Seal(Key, Nonce, writer.Written, tag);
    }
}
