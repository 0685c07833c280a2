using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto;

/// <summary>
/// Encrypts to a node knowing only its identity (libsodium's sealed box to the X25519 form of the key). Says nothing about who
/// sent it: the plaintext carries a signature where that matters.
/// </summary>
public static class SealedBox
{
    /// <summary>Bytes a box is longer than its plaintext: an ephemeral public key and a tag.</summary>
    public const int Overhead = 48;

    /// <summary>
    /// Fills <paramref name="boxed"/>, <see cref="Overhead"/> bytes longer than <paramref name="plaintext"/>. False when
    /// <paramref name="to"/> is no usable public key: nobody could open that box.
    /// </summary>
    public static bool TrySeal(NodeId to, ReadOnlySpan<byte> plaintext, Span<byte> boxed)
    {
        if (boxed.Length != plaintext.Length + Overhead)
        {
            throw new ArgumentException($"A box is {Overhead} bytes longer than its plaintext.", nameof(boxed));
        }
        Sodium.Require();
        Span<byte> identity = stackalloc byte[NodeId.Size];
        Span<byte> publicKey = stackalloc byte[NodeId.Size];
        to.CopyTo(identity);
        return Sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey, identity) == 0
            && Sodium.crypto_box_seal(boxed, plaintext, (ulong)plaintext.Length, publicKey) == 0;
    }

    /// <summary>
    /// As <see cref="TrySeal"/>, for an identity known to be a real one; throws <see cref="ArgumentException"/> if it is not.
    /// </summary>
    public static void Seal(NodeId to, ReadOnlySpan<byte> plaintext, Span<byte> boxed)
    {
        if (!TrySeal(to, plaintext, boxed))
        {
            throw new ArgumentException($"{to} is not a public key one can encrypt to.", nameof(to));
        }
    }

    /// <summary>
    /// Opens a box made for <paramref name="key"/> into <paramref name="plaintext"/>, which must be <see cref="Overhead"/> bytes
    /// shorter. False, and nothing revealed, when it was made for another or tampered with.
    /// </summary>
    public static bool TryOpen(IdentityKey key, ReadOnlySpan<byte> boxed, Span<byte> plaintext)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (boxed.Length < Overhead) { return false; }
        if (plaintext.Length != boxed.Length - Overhead)
        {
            throw new ArgumentException($"A box is {Overhead} bytes longer than its plaintext.", nameof(plaintext));
        }
        Span<byte> secretKey = stackalloc byte[NodeId.Size];
        Span<byte> publicKey = stackalloc byte[NodeId.Size];
        try
        {
            key.CopyX25519To(secretKey);
            return Sodium.crypto_scalarmult_base(publicKey, secretKey) == 0
                && Sodium.crypto_box_seal_open(plaintext, boxed, (ulong)boxed.Length, publicKey, secretKey) == 0;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secretKey);
        }
    }
}
