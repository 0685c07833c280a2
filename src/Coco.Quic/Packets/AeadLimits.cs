namespace Coco.Quic.Packets;

/// <summary>How many packets one key may protect, and how many forgeries it may refuse (RFC 9001 §6.6).</summary>
internal static class AeadLimits
{
    /// <summary>Packets protected; a key update must come before. For ChaCha20 the packet numbers run out first.</summary>
    public static ulong Confidentiality(AeadKind kind) => kind == AeadKind.Aes128Gcm ? 1UL << 23 : 1UL << 62;

    /// <summary>Packets that failed to open, over all keys of a connection; then AEAD_LIMIT_REACHED closes it.</summary>
    public static ulong Integrity(AeadKind kind) => kind == AeadKind.Aes128Gcm ? 1UL << 52 : 1UL << 36;
}
