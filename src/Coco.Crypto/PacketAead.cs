using System.Runtime.CompilerServices;
using Coco.Crypto.Native;
using Coco.Crypto.Packets;

namespace Coco.Crypto;

/// <summary>
/// A packet AEAD with the header protection that goes with it (RFC 9001 §5.3, §5.4). The key comes with each call, so one
/// instance serves all connections of one loop. Not thread-safe; allocates nothing per call.
/// </summary>
public abstract class PacketAead
{
    /// <summary>Bytes a nonce has.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes a tag has; a sealed packet is this much longer than its plaintext.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes of ciphertext a header mask is made from.</summary>
    public const int SampleSize = 16;

    /// <summary>Bytes a header mask has.</summary>
    public const int MaskSize = 5;

    /// <summary>Bytes a packet key has, and a header protection key.</summary>
    public abstract int KeySize { get; }

    /// <summary>
    /// AEAD_CHACHA20_POLY1305 (RFC 8439). Throws <see cref="PlatformNotSupportedException"/> when the backend is not there.
    /// </summary>
    public static PacketAead ChaCha20Poly1305(AeadBackend backend = AeadBackend.Auto) => backend switch
    {
        AeadBackend.Auto => EvpAead.TryCreateChaCha20()
            ?? (Sodium.IsAvailable ? new SodiumAead() : ChaCha20Poly1305(AeadBackend.Platform)),
        AeadBackend.OpenSsl => EvpAead.TryCreateChaCha20() ?? throw Missing(backend, "ChaCha20-Poly1305"),
        AeadBackend.Sodium => new SodiumAead(),
        AeadBackend.Platform => PlatformChaChaAead.IsAvailable
            ? new PlatformChaChaAead()
            : throw Missing(backend, "ChaCha20-Poly1305"),
        _ => throw new ArgumentOutOfRangeException(nameof(backend)),
    };

    /// <summary>
    /// AEAD_AES_128_GCM (RFC 5116 §5.1). Throws <see cref="PlatformNotSupportedException"/> when the backend is not there.
    /// </summary>
    public static PacketAead Aes128Gcm(AeadBackend backend = AeadBackend.Auto) => backend switch
    {
        AeadBackend.Auto => EvpAead.TryCreateAes128() ?? Aes128Gcm(AeadBackend.Platform),
        AeadBackend.OpenSsl => EvpAead.TryCreateAes128() ?? throw Missing(backend, "AES-128-GCM"),
        AeadBackend.Sodium => throw Missing(backend, "AES-128-GCM"),
        AeadBackend.Platform => PlatformAesAead.IsAvailable ? new PlatformAesAead() : throw Missing(backend, "AES-128-GCM"),
        _ => throw new ArgumentOutOfRangeException(nameof(backend)),
    };

    /// <summary>
    /// Seals in place: <paramref name="buffer"/> is the plaintext followed by <see cref="TagSize"/> bytes for the tag.
    /// </summary>
    public abstract void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer);

    /// <summary>
    /// Opens in place: <paramref name="buffer"/> is the ciphertext followed by the tag, and then the plaintext followed by the
    /// tag. On false the part before the tag is zeroed and the tag left as it came, since a stateless reset token may stand
    /// there.
    /// </summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer);

    /// <summary>Makes the mask for a packet's header from a sample of its ciphertext (RFC 9001 §5.4.3, §5.4.4).</summary>
    public abstract void HeaderMask(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask);

    // Native code trusts these lengths. The caller chooses them, a peer never does.
    private protected void CheckSeal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> buffer)
    {
        CheckKeyAndNonce(key, nonce);
        if (buffer.Length < TagSize) { throw new ArgumentException("The buffer has no room for the tag.", nameof(buffer)); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CheckKeyAndNonce(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        if (key.Length != KeySize || nonce.Length != NonceSize) { ThrowSizes(); }
    }

    private protected void CheckMask(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        if (key.Length != KeySize || sample.Length != SampleSize || mask.Length != MaskSize) { ThrowSizes(); }
    }

    private void ThrowSizes() =>
        throw new ArgumentException($"A key has {KeySize} bytes, a nonce {NonceSize}, a sample {SampleSize}, a mask {MaskSize}.");

    private static PlatformNotSupportedException Missing(AeadBackend backend, string cipher) =>
        new($"The {backend} backend offers no {cipher} on this system. Use {nameof(AeadBackend)}.{nameof(AeadBackend.Auto)}.");
}
