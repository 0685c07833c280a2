using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Storage.Sealing;

/// <summary>
/// What each commit writes beside its rows, sealed, so that rows that are missing, exchanged or older than they should be are found
/// at the next opening.
/// <code>
/// version u64 | rows u64 | digest 32 | SHA-256 of the key record 32
/// </code>
/// </summary>
internal sealed class StoreState
{
    private const int DigestAt = 16, KeyRecordAt = DigestAt + StoreDigest.Size, Size = KeyRecordAt + SHA256.HashSizeInBytes;

    public ulong Version { get; private init; }

    public ulong Rows { get; private init; }

    public required StoreDigest Digest { get; init; }

    public required ReadOnlyMemory<byte> KeyRecordHash { get; init; }

    public static StoreState Empty(ReadOnlySpan<byte> keyRecord) =>
        new() { Digest = new(), KeyRecordHash = SHA256.HashData(keyRecord) };

    /// <summary>The state after one more commit.</summary>
    public StoreState Next(int addedRows, StoreDigest digest, ReadOnlyMemory<byte> keyRecordHash) => new()
    {
        Version = Version + 1,
        Rows = (ulong)((long)Rows + addedRows),
        Digest = digest,
        KeyRecordHash = keyRecordHash,
    };

    public byte[] Seal(DataKey key)
    {
        Span<byte> state = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt64BigEndian(state, Version);
        BinaryPrimitives.WriteUInt64BigEndian(state[8..], Rows);
        Digest.Sum.CopyTo(state[DigestAt..]);
        KeyRecordHash.Span.CopyTo(state[KeyRecordAt..]);
        return key.SealState(state);
    }

    public static StoreState? TryOpen(DataKey key, Span<byte> envelope)
    {
        if (!key.TryOpenState(envelope, out var state) || state.Length != Size) { return null; }

        return new()
        {
            Version = BinaryPrimitives.ReadUInt64BigEndian(state),
            Rows = BinaryPrimitives.ReadUInt64BigEndian(state[8..]),
            Digest = new(state[DigestAt..KeyRecordAt]),
            KeyRecordHash = state[KeyRecordAt..].ToArray(),
        };
    }
}
