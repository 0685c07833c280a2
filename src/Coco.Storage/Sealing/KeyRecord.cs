using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Storage.Sealing;

/// <summary>
/// The data keys of a store, wrapped. Integers are big endian; there are two keys while a rotation is under way.
/// <code>
/// version u8 = 1 | kind u8 | count u8 (1 or 2) | zero u8 | store id 16
/// Argon2id passes u32 | memory in KiB u32 | salt 16 | check value 16
/// count × (generation u32 | envelope of the data key 72)
/// SHA-256 of all before 32
/// </code>
/// </summary>
internal static class KeyRecord
{
    public const int StoreIdSize = 16;

    // As in key files: what a file from an attacker can make us spend, and no more.
    private const int MaxPasses = 16, MaxMemoryKiB = 1024 * 1024;

    private const byte Version = 1;
    private const int IdAt = 4, PassesAt = 20, MemoryAt = 24, SaltAt = 28, CheckAt = 44, KeysAt = 60;
    private const int WrappedSize = DataKey.Size + Envelope.Overhead, KeySize = sizeof(uint) + WrappedSize;

    /// <summary>A record of the ring's store with <paramref name="keys"/>, wrapped anew.</summary>
    public static byte[] Write(KeyRing ring, IReadOnlyList<DataKey> keys)
    {
        var (wrap, record) = (ring.Wrap, new byte[KeysAt + keys.Count * KeySize + SHA256.HashSizeInBytes]);
        (record[0], record[1], record[2]) = (Version, (byte)wrap.Kind, (byte)keys.Count);
        ring.StoreId.CopyTo(record.AsSpan(IdAt));
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(PassesAt), wrap.Passes);
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(MemoryAt), wrap.MemoryKiB);
        wrap.Salt.CopyTo(record.AsSpan(SaltAt));
        wrap.Check.CopyTo(record.AsSpan(CheckAt));
        for (var i = 0; i < keys.Count; i++)
        {
            var part = record.AsSpan(KeysAt + i * KeySize, KeySize);
            BinaryPrimitives.WriteUInt32BigEndian(part, keys[i].Generation);
            Envelope.Seal(wrap.Secret, Aad(record, part), keys[i].Secret, part[sizeof(uint)..]);
        }
        SHA256.HashData(record.AsSpan(..^SHA256.HashSizeInBytes), record.AsSpan(^SHA256.HashSizeInBytes..));
        return record;
    }

    /// <summary>Null and the ring, or what is wrong.</summary>
    public static StoreError? Read(ReadOnlySpan<byte> record, StoreKey key, out KeyRing? ring)
    {
        ring = null;
        if (record.Length < KeysAt + SHA256.HashSizeInBytes) { return StoreError.Corrupt; }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record[..^SHA256.HashSizeInBytes], hash);
        if (!hash.SequenceEqual(record[^SHA256.HashSizeInBytes..])) { return StoreError.Corrupt; }
        if (record[0] != Version) { return StoreError.UnsupportedVersion; }

        var (kind, count) = ((StoreKeyKind)record[1], record[2]);
        if (kind is not (StoreKeyKind.Passphrase or StoreKeyKind.Identity) || count is not (1 or 2) || record[3] != 0
            || record.Length != KeysAt + count * KeySize + SHA256.HashSizeInBytes)
        {
            return StoreError.Corrupt;
        }
        if (kind != key.Kind) { return StoreError.WrongKey; }

        var passes = BinaryPrimitives.ReadInt32BigEndian(record[PassesAt..]);
        var memoryKiB = BinaryPrimitives.ReadInt32BigEndian(record[MemoryAt..]);
        if (kind is StoreKeyKind.Passphrase
            && (passes is < 1 or > MaxPasses || memoryKiB is < Argon2id.MinMemoryKiB or > MaxMemoryKiB)) { return StoreError.TooCostly; }

        return Unwrap(record, key, passes, memoryKiB, out ring);
    }

    private static StoreError? Unwrap(ReadOnlySpan<byte> record, StoreKey key, int passes, int memoryKiB, out KeyRing? ring)
    {
        ring = null;
        var salt = record.Slice(SaltAt, Argon2id.SaltSize);
        WrapKey wrap;
        try { wrap = new(key, salt, passes, memoryKiB); }
        catch (InsufficientMemoryException) { return StoreError.TooCostly; }

        if (!CryptographicOperations.FixedTimeEquals(wrap.Check, record.Slice(CheckAt, WrapKey.CheckSize)))
        {
            wrap.Dispose();
            return key.Kind is StoreKeyKind.Passphrase ? StoreError.WrongPassphrase : StoreError.WrongKey;
        }
        var result = new KeyRing(record.Slice(IdAt, StoreIdSize), wrap);
        Span<byte> envelope = stackalloc byte[WrappedSize];
        for (var i = 0; i < record[2]; i++)
        {
            var part = record.Slice(KeysAt + i * KeySize, KeySize);
            part[sizeof(uint)..].CopyTo(envelope);
            if (!Envelope.TryOpen(wrap.Secret, Aad(record, part), envelope, out var dataKey))
            {
                result.Dispose();
                return StoreError.Corrupt;
            }
            result.Add(new(BinaryPrimitives.ReadUInt32BigEndian(part), dataKey, result.StoreId));
            CryptographicOperations.ZeroMemory(dataKey);
        }
        ring = result;
        return null;
    }

    // All that is said in clear before the keys, and the generation.
    private static byte[] Aad(ReadOnlySpan<byte> record, ReadOnlySpan<byte> part) => [.. record[..KeysAt], .. part[..sizeof(uint)]];
}
