using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Storage.Sealing;

namespace Coco.Data.Core;

/// <summary>
/// What keys and values of a collection are on the wire and on disks. In a shared one they are what they are. In a user's, only the user's nodes can read
/// or make them, whoever keeps them:
/// <code>
/// keys  = HKDF-SHA256( the user's seed; info "coco store v1" ‖ network (32) ‖ collection (32) ): name key (32), seal key (32)
/// key   = HMAC-SHA256( name key; key )
/// value = envelope (<see cref="Envelope"/>; associated data: collection (32) ‖ key (32)) of: length v ‖ key ‖ value
/// or, where one of the user's devices was removed, under a later key of the user's (<see cref="CollectionKeys"/>):
/// value = mark (8) ‖ key id (16) ‖ envelope
/// seal key = HKDF-SHA256( that key; info as above ): the last 32 bytes; names are as before
/// </code>
/// That a sealed blob is to be kept (<see cref="SealedBlob"/>) is an entry of which keepers see what they need:
/// <code>
/// key   = 0xB1 ‖ sealed blob (32)
/// value = length v ‖ value as above, of: length v ‖ blob (32)
/// </code>
/// </summary>
internal sealed class CollectionSeal
{
    private const int HeadLength = 8 + 16;
    private const byte ShownByte = 0xB1;
    private const int ShownLength = 1 + Digest.Size;

    private readonly Digest _collection;
    private readonly byte[]? _nameKey;
    private readonly byte[]? _sealKey;
    private readonly byte[] _info = [];
    private readonly DataOptions _options;
    private readonly CollectionKeys? _keys;
    private readonly ConcurrentDictionary<UInt128, byte[]> _sealKeys = [];

    /// <param name="name">The collection.</param>
    /// <param name="network">The network.</param>
    /// <param name="user">The user whose it is, or anybody for a shared one.</param>
    /// <param name="options">Limits.</param>
    /// <param name="keys">The user's later keys; null where only the first is used.</param>
    public CollectionSeal(CollectionName name, NetworkId network, IdentityKey user, DataOptions options, CollectionKeys? keys = null)
    {
        (_collection, _options, _keys) = (name.Id, options, keys);
        if (name.Scope is CollectionScope.Shared) { return; }
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize], info = stackalloc byte[13 + NodeId.Size + Digest.Size], secrets = stackalloc byte[64];
        user.CopySeedTo(seed);
        "coco store v1"u8.CopyTo(info);
        network.Key.CopyTo(info[13..]);
        name.Id.CopyTo(info[(13 + NodeId.Size)..]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, secrets, default, info);
        (_nameKey, _sealKey, _info) = (secrets[..32].ToArray(), secrets[32..].ToArray(), info.ToArray());
        CryptographicOperations.ZeroMemory(seed);
        CryptographicOperations.ZeroMemory(secrets);
    }

    // Chosen at random: an envelope begins with 24 random bytes, and so with these once in 2^64.
    private static ReadOnlySpan<byte> Mark => [0xC0, 0xC0, 0x6B, 0x65, 0x3D, 0x91, 0x0E, 0xB7];

    /// <summary>The blob that is to be kept, and its length, where an entry says so.</summary>
    public static bool TryShow(SignedEntry entry, out BlobId blob, out long length)
    {
        (blob, length) = (default, 0);
        if (entry.Key.Length != ShownLength || entry.Key[0] != ShownByte || !VarInt.TryRead(entry.Value.Span, out var some, out _) || some > (ulong)BlobTree.MaxLength) { return false; }
        (blob, length) = (new(Digest.Read(entry.Key[1..])), (long)some);
        return true;
    }

    /// <summary>What a keeper sees of an entry.</summary>
    public static SeenEntry SeeAsKeeper(SignedEntry entry) =>
        TryShow(entry, out var blob, out _) ? SeenEntry.Of(DataCollection.KeyOfSealed(blob)) : new(entry.Key.Length == Digest.Size ? EntrySight.Closed : EntrySight.Wrong);

    /// <summary>The same of what is to be kept, which is called the same for all.</summary>
    public static byte[] KeyOfSealed(BlobId blob)
    {
        var key = new byte[ShownLength];
        key[0] = ShownByte;
        blob.Digest.CopyTo(key.AsSpan(1));
        return key;
    }

    /// <summary>The stream under which a blob is sealed for keepers; null where this node has not that key.</summary>
    public SealedBlob? SealedOf(BlobId blob, UInt128 keyId) => SealKeyOf(keyId) is { } sealKey ? new(sealKey, blob) : null;

    /// <summary>The key under which an entry is sealed; 0 for the first.</summary>
    public static UInt128 KeyIdOf(SignedEntry entry) => KeyIdOf(BoxOf(entry).Span);

    public byte[] KeyOf(string name)
    {
        if (_nameKey is not null && DataCollection.SealedOf(name) is { } blob) { return KeyOfSealed(blob); }
        var bytes = Encoding.UTF8.GetBytes(name);
        return _nameKey is null ? bytes : HMACSHA256.HashData(_nameKey, bytes);
    }

    /// <summary>What an entry is on the wire and on disks.</summary>
    /// <param name="name">What the app calls it.</param>
    /// <param name="key">The same on the wire.</param>
    /// <param name="value">Its value.</param>
    /// <param name="keyId">The key under which it is sealed; 0 for the first.</param>
    public byte[] Seal(string name, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, UInt128 keyId = default)
    {
        if (_sealKey is null) { return value.ToArray(); }
        var bytes = Encoding.UTF8.GetBytes(name);
        var plain = new byte[VarInt.Length((ulong)bytes.Length) + bytes.Length + value.Length];
        var writer = new SpanWriter(plain);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        writer.WriteBytes(value);
        var shown = key.Length == ShownLength && VarInt.TryRead(value, out _, out var read) ? value[..read] : key.Length == ShownLength ? [0] : default;
        var head = shown.Length + (keyId == 0 ? 0 : HeadLength);
        var box = new byte[head + plain.Length + Envelope.Overhead];
        shown.CopyTo(box);
        if (keyId != 0)
        {
            Mark.CopyTo(box.AsSpan(shown.Length));
            BinaryPrimitives.WriteUInt128BigEndian(box.AsSpan(shown.Length + Mark.Length), keyId);
        }
        Envelope.Seal(SealKeyOf(keyId)!, DataOf(key), plain, box.AsSpan(head));
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>What this node sees of an entry.</summary>
    public SeenEntry See(SignedEntry entry)
    {
        if (TryOpen(entry, out var name, out _)) { return new(EntrySight.Opened, name, _keys is not null && _keys.Proves(KeyIdOf(entry), entry.Version.Time)); }
        return _sealKey is not null && entry.Key.Length is Digest.Size or ShownLength && SealKeyOf(KeyIdOf(entry)) is null ? new(EntrySight.Closed) : new(EntrySight.Wrong);
    }

    public bool TryOpen(SignedEntry entry, out string name, out byte[] value)
    {
        (name, value) = ("", []);
        if (_sealKey is null) { return TryName(entry.Key, out name) && Take(entry.Value.Span, out value); }
        var whole = BoxOf(entry);
        var keyId = KeyIdOf(whole.Span);
        var box = whole[(keyId == 0 ? 0 : HeadLength)..].ToArray();
        if (entry.Key.Length is not (Digest.Size or ShownLength) || SealKeyOf(keyId) is not { } sealKey || !Envelope.TryOpen(sealKey, DataOf(entry.Key), box, out var plain)) { return false; }
        var reader = new SpanReader(plain);
        if (!reader.TryReadVarIntBytes(out var bytes) || !TryName(bytes, out name)) { return false; }
        return Take(reader.ReadToEnd(), out value) && KeyOf(name).AsSpan().SequenceEqual(entry.Key);
    }

    private static ReadOnlyMemory<byte> BoxOf(SignedEntry entry) =>
        entry.Key.Length == ShownLength && VarInt.TryRead(entry.Value.Span, out _, out var read) ? entry.Value[read..] : entry.Value;

    private static UInt128 KeyIdOf(ReadOnlySpan<byte> value) =>
        value.Length >= HeadLength && value.StartsWith(Mark) ? BinaryPrimitives.ReadUInt128BigEndian(value[Mark.Length..]) : 0;

    // Null where this node has not that key.
    private byte[]? SealKeyOf(UInt128 id)
    {
        if (id == 0) { return _sealKey; }
        if (_sealKeys.TryGetValue(id, out var known)) { return known; }
        if (_keys?.Find(id) is not { } key) { return null; }
        Span<byte> secrets = stackalloc byte[64];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, secrets, default, _info);
        var sealKey = secrets[32..].ToArray();
        CryptographicOperations.ZeroMemory(secrets);
        return _sealKeys.GetOrAdd(id, sealKey);
    }

    private bool Take(ReadOnlySpan<byte> bytes, out byte[] value)
    {
        value = bytes.Length <= _options.MaxValueLength ? bytes.ToArray() : [];
        return bytes.Length <= _options.MaxValueLength;
    }

    private bool TryName(ReadOnlySpan<byte> bytes, out string name)
    {
        var isName = bytes.Length > 0 && bytes.Length <= _options.MaxKeyLength && System.Text.Unicode.Utf8.IsValid(bytes);
        name = isName ? Encoding.UTF8.GetString(bytes) : "";
        return isName;
    }

    private byte[] DataOf(ReadOnlySpan<byte> key)
    {
        var data = new byte[Digest.Size + key.Length];
        _collection.CopyTo(data);
        key.CopyTo(data.AsSpan(Digest.Size));
        return data;
    }
}
