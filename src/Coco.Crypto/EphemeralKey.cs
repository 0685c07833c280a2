using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto;

/// <summary>An X25519 key pair for one key agreement (RFC 7748 §6.1). Wiped when disposed.</summary>
public sealed class EphemeralKey : IDisposable
{
    /// <summary>Bytes a public key has.</summary>
    public const int PublicKeySize = 32;

    private const int PrivateKeySize = 32;

    private readonly byte[] _private = GC.AllocateArray<byte>(PrivateKeySize, pinned: true);
    private readonly byte[] _public = new byte[PublicKeySize];
    private bool _disposed;

    private EphemeralKey(RandomSource random)
    {
        Sodium.Require();
        random.Fill(_private);
        if (Sodium.crypto_scalarmult_base(_public, _private) != 0)
        {
            throw new CryptographicException("libsodium refused to make a key pair.");
        }
    }

    /// <summary>Makes a key pair from the next 32 bytes of <paramref name="random"/>.</summary>
    public static EphemeralKey Generate(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new(random);
    }

    /// <summary>Writes the public key to the start of <paramref name="destination"/>.</summary>
    public void CopyPublicKeyTo(Span<byte> destination) => _public.CopyTo(destination);

    /// <summary>
    /// Agrees on a secret with the owner of <paramref name="peerPublicKey"/>. False when that is not 32 bytes or is one of the
    /// points that make every private key agree on zero, which RFC 8446 §7.4.2 has us refuse.
    /// </summary>
    public bool TryAgree(ReadOnlySpan<byte> peerPublicKey, [NotNullWhen(true)] out SharedSecret? secret)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        secret = null;
        if (peerPublicKey.Length != PublicKeySize) { return false; }

        var agreed = new SharedSecret();
        if (Sodium.crypto_scalarmult(agreed.Buffer, _private, peerPublicKey) != 0)
        {
            agreed.Dispose();
            return false;
        }
        secret = agreed;
        return true;
    }

    /// <summary>Wipes the private key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_private);
    }

    /// <summary>Says nothing of the key.</summary>
    public override string ToString() => "[secret]";
}
