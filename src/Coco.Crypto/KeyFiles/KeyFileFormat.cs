using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Crypto.KeyFiles;

/// <summary>
/// The bytes of a key file, version 1. Integers are big endian.
/// <code>
///                                     passphrase            unattended
/// magic "COCOKEY\n"                    0   8                 0   8
/// version 1                            8   1                 8   1
/// kind 1 / 2                           9   1                 9   1
/// reserved, zero                      10   2                10   2
/// identity (public key)               12  32                12  32
/// Argon2id passes                     44   4
/// Argon2id memory, KiB                48   4
/// Argon2id salt                       52  16
/// nonce                               68  12
/// key check value                     80  16
/// seed: ciphertext and tag / clear    96  48                44  32
/// SHA-256 of all before              144  32                76  32
/// total                              176                   108
/// </code>
/// The checksum tells damage from a wrong passphrase without the passphrase; against tampering stand the tag, whose associated
/// data is everything before the ciphertext, and the comparison of the seed with the identity.
/// </summary>
internal static class KeyFileFormat
{
    public const int MaxSize = ProtectedSize;

    // Chosen: above what RFC 9106 §4 recommends for any passphrase but its 2 GiB option, and bearable on a small machine. A
    // file from an attacker can make us spend this much and no more.
    public const int MaxPasses = 16;
    public const int MaxMemoryKiB = 1024 * 1024;

    private const byte Version = 1;
    private const int VersionAt = 8, KindAt = 9, ReservedAt = 10, IdentityAt = 12, ClearSeedAt = 44;
    private const int PassesAt = 44, MemoryAt = 48, SaltAt = 52, NonceAt = 68, CheckAt = 80, SealedSeedAt = 96;
    private const int CheckSize = 16, ChecksumSize = SHA256.HashSizeInBytes;
    private const int ProtectedSize = SealedSeedAt + IdentityKey.SeedSize + PacketAead.TagSize + ChecksumSize;
    private const int UnattendedSize = ClearSeedAt + IdentityKey.SeedSize + ChecksumSize;

    private static ReadOnlySpan<byte> Magic => "COCOKEY\n"u8;

    public static byte[] WriteUnattended(IdentityKey key)
    {
        var file = Start(KeyFileKind.Unattended, UnattendedSize, key);
        key.CopySeedTo(file.AsSpan(ClearSeedAt));
        WriteChecksum(file);
        return file;
    }

    public static byte[] WriteProtected(
        IdentityKey key, ReadOnlySpan<byte> passphrase, int passes, int memoryKiB, RandomSource random)
    {
        var file = Start(KeyFileKind.Passphrase, ProtectedSize, key);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(PassesAt), passes);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(MemoryAt), memoryKiB);
        random.Fill(file.AsSpan(SaltAt, Argon2id.SaltSize));
        random.Fill(file.AsSpan(NonceAt, PacketAead.NonceSize));

        using var keys = new PassphraseKeys(passphrase, file.AsSpan(SaltAt, Argon2id.SaltSize), passes, memoryKiB);
        keys.Check.CopyTo(file.AsSpan(CheckAt));
        var sealedSeed = file.AsSpan(SealedSeedAt, IdentityKey.SeedSize + PacketAead.TagSize);
        key.CopySeedTo(sealedSeed);
        var nonce = file.AsSpan(NonceAt, PacketAead.NonceSize);
        PacketAead.ChaCha20Poly1305().Seal(keys.Encryption, nonce, file.AsSpan(..SealedSeedAt), sealedSeed);
        WriteChecksum(file);
        return file;
    }

    /// <summary>What the file says in clear; null if it is a whole and undamaged key file.</summary>
    public static KeyFileError? Inspect(ReadOnlySpan<byte> file, out KeyFileInfo info)
    {
        info = default;
        if (!Magic.StartsWith(file[..Math.Min(file.Length, Magic.Length)])) { return KeyFileError.Foreign; }
        if (file.Length <= VersionAt) { return KeyFileError.Truncated; }
        if (file[VersionAt] != Version) { return KeyFileError.UnsupportedVersion; }
        if (file.Length <= KindAt) { return KeyFileError.Truncated; }

        var kind = (KeyFileKind)file[KindAt];
        if (kind is not (KeyFileKind.Passphrase or KeyFileKind.Unattended)) { return KeyFileError.Corrupt; }

        var size = kind is KeyFileKind.Passphrase ? ProtectedSize : UnattendedSize;
        if (file.Length < size) { return KeyFileError.Truncated; }
        if (file.Length > size) { return KeyFileError.Corrupt; }

        Span<byte> checksum = stackalloc byte[ChecksumSize];
        SHA256.HashData(file[..^ChecksumSize], checksum);
        if (!checksum.SequenceEqual(file[^ChecksumSize..])) { return KeyFileError.Corrupt; }
        if (file[ReservedAt..IdentityAt].ContainsAnyExcept((byte)0)) { return KeyFileError.Corrupt; }

        info = new(kind, NodeId.Read(file.Slice(IdentityAt, NodeId.Size)));
        return null;
    }

    public static KeyFileError? ReadUnattended(ReadOnlySpan<byte> file, out IdentityKey? key)
    {
        key = null;
        if (Inspect(file, out var info) is { } error) { return error; }
        if (info.Kind is not KeyFileKind.Unattended) { return KeyFileError.WrongKind; }

        return Accept(file.Slice(ClearSeedAt, IdentityKey.SeedSize), info.Id, out key);
    }

    public static KeyFileError? ReadProtected(ReadOnlySpan<byte> file, ReadOnlySpan<byte> passphrase, out IdentityKey? key)
    {
        key = null;
        if (Inspect(file, out var info) is { } error) { return error; }
        if (info.Kind is not KeyFileKind.Passphrase) { return KeyFileError.WrongKind; }

        var passes = BinaryPrimitives.ReadInt32BigEndian(file[PassesAt..]);
        var memoryKiB = BinaryPrimitives.ReadInt32BigEndian(file[MemoryAt..]);
        if (passes is < 1 or > MaxPasses) { return KeyFileError.TooCostly; }
        if (memoryKiB is < Argon2id.MinMemoryKiB or > MaxMemoryKiB) { return KeyFileError.TooCostly; }

        using var keys = PassphraseKeys.TryDerive(passphrase, file.Slice(SaltAt, Argon2id.SaltSize), passes, memoryKiB);
        if (keys is null) { return KeyFileError.TooCostly; }
        if (!CryptographicOperations.FixedTimeEquals(keys.Check, file.Slice(CheckAt, CheckSize)))
        {
            return KeyFileError.WrongPassphrase;
        }

        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize + PacketAead.TagSize];
        file.Slice(SealedSeedAt, seed.Length).CopyTo(seed);
        try
        {
            var nonce = file.Slice(NonceAt, PacketAead.NonceSize);
            return PacketAead.ChaCha20Poly1305().TryOpen(keys.Encryption, nonce, file[..SealedSeedAt], seed)
                ? Accept(seed[..IdentityKey.SeedSize], info.Id, out key)
                : KeyFileError.Corrupt;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private static KeyFileError? Accept(ReadOnlySpan<byte> seed, NodeId claimed, out IdentityKey? key)
    {
        key = IdentityKey.FromSeed(seed);
        if (key.Id == claimed) { return null; }

        key.Dispose();
        key = null;
        return KeyFileError.Corrupt;
    }

    private static byte[] Start(KeyFileKind kind, int size, IdentityKey key)
    {
        var file = GC.AllocateArray<byte>(size, pinned: true);
        Magic.CopyTo(file);
        file[VersionAt] = Version;
        file[KindAt] = (byte)kind;
        key.Id.CopyTo(file.AsSpan(IdentityAt));
        return file;
    }

    private static void WriteChecksum(byte[] file) => SHA256.HashData(file.AsSpan(..^ChecksumSize), file.AsSpan(^ChecksumSize..));
}
