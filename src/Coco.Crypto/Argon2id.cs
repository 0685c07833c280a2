using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto;

/// <summary>
/// Argon2id version 1.3 (RFC 9106) with one lane, as libsodium offers it: a slow, memory-hard hash for passphrases.
/// </summary>
public static class Argon2id
{
    /// <summary>Bytes a salt has.</summary>
    public const int SaltSize = 16;

    /// <summary>Least memory the algorithm works with, in KiB.</summary>
    public const int MinMemoryKiB = 8;

    /// <summary>
    /// Fills <paramref name="destination"/>, at least 16 bytes, from a passphrase. Throws <see
    /// cref="InsufficientMemoryException"/> when the memory asked for cannot be had.
    /// </summary>
    /// <param name="passphrase">The passphrase's bytes.</param>
    /// <param name="salt">16 bytes, random for each passphrase stored.</param>
    /// <param name="passes">Passes over the memory, 1 or more.</param>
    /// <param name="memoryKiB">Memory in KiB, <see cref="MinMemoryKiB"/> or more.</param>
    /// <param name="destination">What to fill.</param>
    public static void Derive(
        ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int passes, int memoryKiB, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryKiB, MinMemoryKiB);
        if (salt.Length != SaltSize) { throw new ArgumentException($"A salt has {SaltSize} bytes.", nameof(salt)); }
        if (destination.Length < 16) { throw new ArgumentException("Fewer than 16 bytes are not a key.", nameof(destination)); }

        Sodium.Require();
        var result = Sodium.crypto_pwhash(
            destination, (ulong)destination.Length, passphrase, (ulong)passphrase.Length, salt,
            (ulong)passes, (nuint)memoryKiB * 1024, Sodium.Argon2id13);
        if (result != 0)
        {
            CryptographicOperations.ZeroMemory(destination);
            throw new InsufficientMemoryException($"Argon2id could not get {memoryKiB / 1024} MiB of memory.");
        }
    }
}
