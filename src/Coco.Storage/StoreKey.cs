using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Storage.Sealing;

namespace Coco.Storage;

/// <summary>
/// What opens a store: a passphrase, or a node's identity key where nobody is there to type one. Wiped when disposed; the store
/// keeps no reference to it.
/// </summary>
public sealed class StoreKey : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _secret;
    private bool _disposed;

    private StoreKey(StoreKeyKind kind, byte[] secret) => (Kind, _secret) = (kind, secret);

    internal StoreKeyKind Kind { get; }

    internal ReadOnlySpan<byte> Secret
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _secret;
        }
    }

    /// <summary>A passphrase counts as typed: accents composed in another way make another passphrase.</summary>
    public static StoreKey FromPassphrase(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.IsEmpty) { throw new ArgumentException("An empty passphrase protects nothing.", nameof(passphrase)); }
        if (passphrase.Length > KeyFile.MaxPassphraseLength)
        {
            throw new ArgumentException($"A passphrase has at most {KeyFile.MaxPassphraseLength} characters.", nameof(passphrase));
        }
        var secret = GC.AllocateArray<byte>(StrictUtf8.GetByteCount(passphrase), pinned: true);
        StrictUtf8.GetBytes(passphrase, secret);
        return new(StoreKeyKind.Passphrase, secret);
    }

    /// <summary>Whoever has the identity's key, in a key file for instance, opens the store. The key may be disposed afterwards.</summary>
    public static StoreKey FromIdentity(IdentityKey identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize];
        var secret = GC.AllocateArray<byte>(DataKey.Size, pinned: true);
        identity.CopySeedTo(seed);
        HKDF.Expand(HashAlgorithmName.SHA256, seed, secret, "coco store 1 identity"u8);
        CryptographicOperations.ZeroMemory(seed);
        return new(StoreKeyKind.Identity, secret);
    }

    /// <summary>A key of the identity's kind that nobody else has, for what is in memory only.</summary>
    internal static StoreKey FromSecret(ReadOnlySpan<byte> secret) => new(StoreKeyKind.Identity, secret.ToArray());

    /// <summary>Wipes the secret.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => "[secret]";
}
