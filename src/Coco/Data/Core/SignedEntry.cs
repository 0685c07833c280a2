using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Data.Core;

/// <summary>
/// One version of an entry, as it is stored and goes from node to node.
/// <code>
/// entry     = body ‖ signature (64)
/// body      = flags u8 (1: deleted) ‖ hybrid time u64 ‖ writer (32) ‖ length v ‖ key ‖ length v ‖ value
/// signature = Ed25519( the writer's; "coco store v1" ‖ network (32) ‖ collection (32) ‖ body )
/// </code>
/// In a user's collection key and value are sealed (<see cref="CollectionSeal"/>).
/// </summary>
internal sealed class SignedEntry
{
    /// <summary>Bytes besides a value, with a key of usual length.</summary>
    public const int Overhead = HeadSize + IdentityKey.SignatureSize + 64;

    private const int HeadSize = 1 + sizeof(ulong) + NodeId.Size;

    private readonly int _key;
    private readonly int _keyLength;
    private readonly int _value;
    private readonly int _valueLength;

    private SignedEntry(byte[] bytes, bool isDeleted, EntryVersion version, int key, int keyLength, int value, int valueLength)
    {
        (Bytes, IsDeleted, Version) = (bytes, isDeleted, version);
        (_key, _keyLength, _value, _valueLength) = (key, keyLength, value, valueLength);
        (KeyHash, ContentHash) = (Digest.Of(Key), Digest.Of(Body));
    }

    public byte[] Bytes { get; }

    public bool IsDeleted { get; }

    public EntryVersion Version { get; }

    public ReadOnlySpan<byte> Key => Bytes.AsSpan(_key, _keyLength);

    public ReadOnlyMemory<byte> Value => Bytes.AsMemory(_value, _valueLength);

    public Digest KeyHash { get; }

    /// <summary>Of all but the signature.</summary>
    public Digest ContentHash { get; }

    public ReadOnlySpan<byte> Body => Bytes.AsSpan(0, Bytes.Length - IdentityKey.SignatureSize);

    public ReadOnlySpan<byte> Signature => Bytes.AsSpan(Bytes.Length - IdentityKey.SignatureSize);

    public static SignedEntry Make(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDeleted, EntryVersion version, Digest collection, IEntrySigner signer)
    {
        var bytes = new byte[HeadSize + VarInt.Length((ulong)key.Length) + key.Length + VarInt.Length((ulong)value.Length) + value.Length + IdentityKey.SignatureSize];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(isDeleted ? (byte)1 : (byte)0);
        writer.WriteUInt64(version.Time);
        version.Writer.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteVarInt((ulong)key.Length);
        var keyAt = writer.Position;
        writer.WriteBytes(key);
        writer.WriteVarInt((ulong)value.Length);
        var valueAt = writer.Position;
        writer.WriteBytes(value);
        signer.Sign(collection, writer.Written, writer.Remaining);
        return new(bytes, isDeleted, version, keyAt, key.Length, valueAt, value.Length);
    }

    /// <summary>Null where these are no bytes of an entry within the limits. Whether it is signed is not looked at.</summary>
    public static SignedEntry? Parse(ReadOnlySpan<byte> bytes, int maxKey, int maxValue)
    {
        if (bytes.Length < HeadSize + IdentityKey.SignatureSize) { return null; }
        var reader = new SpanReader(bytes[..^IdentityKey.SignatureSize]);
        if (!reader.TryReadByte(out var flags) || flags > 1 || !reader.TryReadUInt64(out var time) || !reader.TryReadBytes(NodeId.Size, out var writer)) { return null; }
        if (!reader.TryReadVarIntBytes(out var key) || key.IsEmpty || key.Length > maxKey) { return null; }
        var keyAt = reader.Position - key.Length;
        if (!reader.TryReadVarIntBytes(out var value) || value.Length > maxValue || !reader.IsEmpty) { return null; }
        var valueAt = reader.Position - value.Length;
        return new(bytes.ToArray(), flags == 1, new(time, NodeId.Read(writer)), keyAt, key.Length, valueAt, value.Length);
    }

    /// <summary>Which of two counts, the same everywhere: the later; the greater writer; of two that one writer gave the same time, the greater hash.</summary>
    public static int Compare(EntryVersion left, Digest leftContent, EntryVersion right, Digest rightContent)
    {
        var order = left.CompareTo(right);
        return order == 0 ? leftContent.CompareTo(rightContent) : order;
    }
}
