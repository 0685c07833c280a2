using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Storage.Sealing;

/// <summary>
/// Seals bytes under a key that lives for years:
/// <code>
/// salt 24 | ciphertext | tag 16
/// </code>
/// The key of each envelope is HMAC-SHA256(key, salt) and its nonce is zero, so a nonce repeats under one key only if 24 fresh
/// random bytes do: after 2^64 envelopes, with probability 2^-65. A counter would not do: it repeats when a backup is restored,
/// or when a crash undoes the commit that stored it, and with ChaCha20-Poly1305 one repetition gives away both texts.
/// </summary>
internal static class Envelope
{
    public const int SaltSize = 24;
    public const int Overhead = SaltSize + PacketAead.TagSize;

    // Not thread-safe and slow to make, so each thread has one.
    [ThreadStatic] private static PacketAead? _aead;

    private static ReadOnlySpan<byte> Nonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static PacketAead Aead => _aead ??= PacketAead.ChaCha20Poly1305();

    /// <summary>Fills <paramref name="envelope"/>, which is <see cref="Overhead"/> longer than the plaintext.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> envelope)
    {
        RandomSource.System.Fill(envelope[..SaltSize]);
        Span<byte> once = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, envelope[..SaltSize], once);
        SealOnce(once, aad, plaintext, envelope);
    }

    /// <summary>The same, with an HMAC-SHA256 that has the key: most of what a short HMAC costs is to set it up.</summary>
    public static void Seal(IncrementalHash keyed, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> envelope)
    {
        RandomSource.System.Fill(envelope[..SaltSize]);
        Span<byte> once = stackalloc byte[HMACSHA256.HashSizeInBytes];
        keyed.AppendData(envelope[..SaltSize]);
        keyed.GetHashAndReset(once);
        SealOnce(once, aad, plaintext, envelope);
    }

    /// <summary>
    /// Opens in place; the plaintext is then a part of <paramref name="envelope"/>. False, and no plaintext, for whatever was not
    /// sealed with this key and associated data.
    /// </summary>
    public static bool TryOpen(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> aad, Span<byte> envelope, out Span<byte> plaintext)
    {
        plaintext = default;
        if (envelope.Length < Overhead) { return false; }

        Span<byte> once = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, envelope[..SaltSize], once);
        return TryOpenOnce(once, aad, envelope, out plaintext);
    }

    /// <summary>The same, with an HMAC-SHA256 that has the key.</summary>
    public static bool TryOpen(IncrementalHash keyed, scoped ReadOnlySpan<byte> aad, Span<byte> envelope, out Span<byte> plaintext)
    {
        plaintext = default;
        if (envelope.Length < Overhead) { return false; }

        Span<byte> once = stackalloc byte[HMACSHA256.HashSizeInBytes];
        keyed.AppendData(envelope[..SaltSize]);
        keyed.GetHashAndReset(once);
        return TryOpenOnce(once, aad, envelope, out plaintext);
    }

    // Both wipe the key, which no other envelope has.
    private static void SealOnce(Span<byte> once, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> envelope)
    {
        plaintext.CopyTo(envelope[SaltSize..]);
        Aead.Seal(once, Nonce, aad, envelope[SaltSize..]);
        CryptographicOperations.ZeroMemory(once);
    }

    private static bool TryOpenOnce(scoped Span<byte> once, scoped ReadOnlySpan<byte> aad, Span<byte> envelope, out Span<byte> plaintext)
    {
        plaintext = default;
        var opened = Aead.TryOpen(once, Nonce, aad, envelope[SaltSize..]);
        CryptographicOperations.ZeroMemory(once);
        if (opened) { plaintext = envelope[SaltSize..^PacketAead.TagSize]; }
        return opened;
    }
}
