using System.Security.Cryptography;

namespace Coco.Crypto.KeyFiles;

/// <summary>
/// The two keys a passphrase gives: one encrypts, the other stands in the file to tell a wrong passphrase from a tampered file.
/// Both come from Argon2id's output by HKDF under different labels, so the second says nothing about the first; it lets a thief
/// of the file test a guess, which the tag of the ciphertext lets him do anyway, at the same cost of one Argon2id.
/// </summary>
internal sealed class PassphraseKeys : IDisposable
{
    private const int EncryptionSize = 32;
    private const int CheckSize = 16;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(EncryptionSize + CheckSize, pinned: true);

    public PassphraseKeys(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int passes, int memoryKiB)
    {
        Span<byte> master = stackalloc byte[EncryptionSize];
        Argon2id.Derive(passphrase, salt, passes, memoryKiB, master);
        HKDF.Expand(HashAlgorithmName.SHA256, master, _bytes.AsSpan(..EncryptionSize), "coco key file 1 encryption"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, master, _bytes.AsSpan(EncryptionSize..), "coco key file 1 check"u8);
        CryptographicOperations.ZeroMemory(master);
    }

    public ReadOnlySpan<byte> Encryption => _bytes.AsSpan(..EncryptionSize);

    public ReadOnlySpan<byte> Check => _bytes.AsSpan(EncryptionSize..);

    /// <summary>Null when the memory cannot be had.</summary>
    public static PassphraseKeys? TryDerive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, int passes, int memoryKiB)
    {
        try { return new(passphrase, salt, passes, memoryKiB); }
        catch (InsufficientMemoryException) { return null; }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => "[secret]";
}
