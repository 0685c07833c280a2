using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto;

/// <summary>
/// A node's Ed25519 private key (RFC 8032). Wiped when disposed; signing is thread-safe, disposing while signing is not.
/// </summary>
public sealed class IdentityKey : IDisposable
{
    /// <summary>Bytes a seed has.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes a signature has.</summary>
    public const int SignatureSize = 64;

    // libsodium's form, seed then public key. Pinned, so that a collection leaves no copies behind.
    private readonly byte[] _secret = GC.AllocateArray<byte>(SeedSize + NodeId.Size, pinned: true);
    private bool _disposed;

    private IdentityKey(ReadOnlySpan<byte> seed)
    {
        Sodium.Require();
        Span<byte> publicKey = stackalloc byte[NodeId.Size];
        if (Sodium.crypto_sign_seed_keypair(publicKey, _secret, seed) != 0)
        {
            throw new CryptographicException("libsodium refused to make a key pair.");
        }
        Id = NodeId.Read(publicKey);
    }

    /// <summary>The public half.</summary>
    public NodeId Id { get; }

    /// <summary>Makes a new key, from the operating system's randomness unless told otherwise.</summary>
    public static IdentityKey Generate(RandomSource? random = null)
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        try
        {
            (random ?? RandomSource.System).Fill(seed);
            return new(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The key whose RFC 8032 private key is <paramref name="seed"/>, 32 bytes.</summary>
    public static IdentityKey FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedSize
        ? new(seed)
        : throw new ArgumentException($"A seed has {SeedSize} bytes.", nameof(seed));

    /// <summary>Writes the 64-byte signature of <paramref name="message"/>.</summary>
    public unsafe void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (signature.Length != SignatureSize)
        {
            throw new ArgumentException($"A signature has {SignatureSize} bytes.", nameof(signature));
        }
        if (Sodium.crypto_sign_detached(signature, null, message, (ulong)message.Length, _secret) != 0)
        {
            throw new CryptographicException("libsodium refused to sign.");
        }
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    /// <summary>Says whose key this is, and nothing of the key.</summary>
    public override string ToString() => $"{nameof(IdentityKey)}({Id})";

    internal void CopySeedTo(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _secret.AsSpan(0, SeedSize).CopyTo(destination);
    }

    // The X25519 key of the same node (RFC 7748's curve is birationally equivalent), for sealed boxes.
    internal void CopyX25519To(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Sodium.crypto_sign_ed25519_sk_to_curve25519(destination, _secret) != 0)
        {
            throw new CryptographicException("libsodium refused to convert a key.");
        }
    }
}
