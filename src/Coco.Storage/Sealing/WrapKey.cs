using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Storage.Sealing;

/// <summary>
/// The key that wraps the data keys, how it is made from what the caller has, and a value that stands in the file and tells a wrong
/// passphrase from a damaged file. Key and value are expanded from one secret under different labels, so the value says nothing
/// about the key. Wiped when disposed.
/// </summary>
internal sealed class WrapKey : IDisposable
{
    public const int CheckSize = 16;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(DataKey.Size + CheckSize, pinned: true);
    private readonly byte[] _salt;

    /// <summary>Throws <see cref="InsufficientMemoryException"/> when a passphrase's memory cannot be had.</summary>
    public WrapKey(StoreKey key, ReadOnlySpan<byte> salt, int passes, int memoryKiB)
    {
        (Kind, _salt, Passes, MemoryKiB) = (key.Kind, salt.ToArray(), passes, memoryKiB);
        Span<byte> master = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (key.Kind is StoreKeyKind.Passphrase) { Argon2id.Derive(key.Secret, salt, passes, memoryKiB, master); }
        else { HKDF.Extract(HashAlgorithmName.SHA256, key.Secret, salt, master); }
        HKDF.Expand(HashAlgorithmName.SHA256, master, _bytes.AsSpan(..DataKey.Size), "coco store 1 wrap"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, master, _bytes.AsSpan(DataKey.Size..), "coco store 1 check"u8);
        CryptographicOperations.ZeroMemory(master);
    }

    public StoreKeyKind Kind { get; }

    public ReadOnlySpan<byte> Salt => _salt;

    /// <summary>Argon2id's passes, and 0 where there is no passphrase.</summary>
    public int Passes { get; }

    public int MemoryKiB { get; }

    public ReadOnlySpan<byte> Secret => _bytes.AsSpan(..DataKey.Size);

    public ReadOnlySpan<byte> Check => _bytes.AsSpan(DataKey.Size..);

    /// <summary>A key under a salt of its own.</summary>
    public static WrapKey Generate(StoreKey key, StoreOptions options)
    {
        Span<byte> salt = stackalloc byte[Argon2id.SaltSize];
        RandomSource.System.Fill(salt);
        return key.Kind is StoreKeyKind.Passphrase ? new(key, salt, options.Passes, options.MemoryKiB) : new(key, salt, 0, 0);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => "[secret]";
}
