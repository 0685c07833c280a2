using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Benchmarks.Pipeline;

/// <summary>
/// A packet of the bare pipeline, the header being associated data and the number the nonce:
/// <code>
/// number(8) phase(1) zero(7) ciphertext(1400) tag(16)
/// </code>
/// </summary>
internal static class PipelinePacket
{
    public const int HeaderSize = 16;
    public const int PayloadSize = 1400;
    public const int Size = HeaderSize + PayloadSize + PacketAead.TagSize;

    public static ReadOnlySpan<byte> KeyFor(PacketAead aead) => "0123456789abcdef0123456789abcdef"u8[..aead.KeySize];

    public static PacketAead Aead(string cipher) => cipher switch
    {
        "chacha20" => PacketAead.ChaCha20Poly1305(),
        "aes128gcm" => PacketAead.Aes128Gcm(),
        _ => throw new ArgumentException($"{cipher} is neither chacha20 nor aes128gcm"),
    };

    public static void Seal(PacketAead aead, ulong number, PipelinePhase phase, ReadOnlySpan<byte> payload, Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt64BigEndian(packet, number);
        BinaryPrimitives.WriteUInt64BigEndian(packet[8..], (ulong)phase << 56);
        payload.CopyTo(packet[HeaderSize..]);
        Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
        packet[..8].CopyTo(nonce[4..]);
        aead.Seal(KeyFor(aead), nonce, packet[..HeaderSize], packet[HeaderSize..]);
    }

    public static bool TryOpen(PacketAead aead, Span<byte> packet, out ulong number, out PipelinePhase phase)
    {
        (number, phase) = (0, default);
        if (packet.Length != Size) { return false; }

        Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
        packet[..8].CopyTo(nonce[4..]);
        if (!aead.TryOpen(KeyFor(aead), nonce, packet[..HeaderSize], packet[HeaderSize..])) { return false; }

        number = BinaryPrimitives.ReadUInt64BigEndian(packet);
        phase = (PipelinePhase)packet[8];
        return true;
    }
}
