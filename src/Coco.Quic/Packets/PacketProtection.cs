using System.Diagnostics;
using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>AEAD and header protection of whole packets, in place (RFC 9001 §5.3 and §5.4).</summary>
/// <remarks>Holds no key: one instance serves every connection of a loop, and like its AEADs is not for two threads.</remarks>
internal sealed class PacketProtection(PacketAead aes128Gcm, PacketAead chaCha20Poly1305)
{
    public const int TagLength = 16;

    private const int SampleLength = 16;
    private const int MaskLength = 5;

    /// <summary>For Initial packets, and for Retry integrity tags.</summary>
    public PacketAead Aes128Gcm { get; } = aes128Gcm;

    public PacketAead ChaCha20Poly1305 { get; } = chaCha20Poly1305;

    public static PacketProtection Create() => new(PacketAead.Aes128Gcm(), PacketAead.ChaCha20Poly1305());

    /// <summary>
    /// Protects header, packet number, payload and 16 bytes of room for the tag, which <paramref name="packet"/> is exactly.
    /// </summary>
    public void Seal(PacketKeys keys, ulong packetNumber, Span<byte> packet, int packetNumberOffset, int packetNumberLength)
    {
        // §5.4.2: packet number and payload together are 4 bytes or more, padded if need be, so that the sample exists.
        Debug.Assert(
            packet.Length - TagLength >= packetNumberOffset + PacketNumber.MaxEncodedLength, "too short to sample");
        Debug.Assert((packet[0] & 0x03) + 1 == packetNumberLength, "the first byte says another length");

        var headerLength = packetNumberOffset + packetNumberLength;
        var aead = AeadOf(keys);
        Span<byte> nonce = stackalloc byte[PacketKeys.IvLength];
        keys.WriteNonce(packetNumber, nonce);
        aead.Seal(keys.Key, nonce, packet[..headerLength], packet[headerLength..]);

        Span<byte> mask = stackalloc byte[MaskLength];
        aead.HeaderMask(keys.HeaderKey, Sample(packet, packetNumberOffset), mask);
        packet[0] ^= (byte)(mask[0] & MaskedBits(packet[0]));
        for (var i = 0; i < packetNumberLength; i++) { packet[packetNumberOffset + i] ^= mask[1 + i]; }
    }

    /// <summary>
    /// Reveals the first byte and the packet number, still truncated. Once per packet: it works in place. False means discard
    /// (§5.4.2: the packet is too short to hold a sample).
    /// </summary>
    public bool TryRemoveHeaderProtection(
        PacketKeys keys, Span<byte> packet, int packetNumberOffset, out ulong truncated, out int packetNumberLength)
    {
        truncated = 0;
        packetNumberLength = 0;
        if (packet.Length < packetNumberOffset + PacketNumber.MaxEncodedLength + SampleLength) { return false; }

        Span<byte> mask = stackalloc byte[MaskLength];
        AeadOf(keys).HeaderMask(keys.HeaderKey, Sample(packet, packetNumberOffset), mask);
        packet[0] ^= (byte)(mask[0] & MaskedBits(packet[0]));
        packetNumberLength = (packet[0] & 0x03) + 1;
        for (var i = 0; i < packetNumberLength; i++)
        {
            packet[packetNumberOffset + i] ^= mask[1 + i];
            truncated = (truncated << 8) | packet[packetNumberOffset + i];
        }
        return true;
    }

    /// <summary>
    /// Opens a packet whose header protection is off. On false its content is spoilt, except for the last 16 bytes.
    /// </summary>
    public bool TryOpen(PacketKeys keys, ulong packetNumber, Span<byte> packet, int headerLength, out Span<byte> payload)
    {
        payload = default;
        if (packet.Length < headerLength + TagLength) { return false; }

        Span<byte> nonce = stackalloc byte[PacketKeys.IvLength];
        keys.WriteNonce(packetNumber, nonce);
        if (!AeadOf(keys).TryOpen(keys.Key, nonce, packet[..headerLength], packet[headerLength..])) { return false; }

        payload = packet[headerLength..^TagLength];
        return true;
    }

    /// <summary>Whether the first packet of a client is authentic; its content is of no interest.</summary>
    public bool TryOpenInitial(PacketKeys keys, Span<byte> packet, int packetNumberOffset) =>
        TryRemoveHeaderProtection(keys, packet, packetNumberOffset, out var number, out var length)
        && TryOpen(keys, number, packet, packetNumberOffset + length, out _);

    /// <summary>
    /// §17.2 and §17.3.1: after both protections are off, reserved bits other than zero are a PROTOCOL_VIOLATION.
    /// </summary>
    public static bool HasReservedBits(byte firstByte) =>
        (firstByte & (InvariantHeader.IsLong(firstByte) ? 0x0C : 0x18)) != 0;

    // §5.4.1: four bits of a long header's first byte are masked, five of a short one's.
    private static byte MaskedBits(byte firstByte) => InvariantHeader.IsLong(firstByte) ? (byte)0x0F : (byte)0x1F;

    // §5.4.2: the sample starts where the payload would after a packet number of four bytes.
    private static ReadOnlySpan<byte> Sample(ReadOnlySpan<byte> packet, int packetNumberOffset) =>
        packet.Slice(packetNumberOffset + PacketNumber.MaxEncodedLength, SampleLength);

    private PacketAead AeadOf(PacketKeys keys) => keys.Kind == AeadKind.Aes128Gcm ? Aes128Gcm : ChaCha20Poly1305;
}
