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
/// </code>
/// </summary>
internal sealed class CollectionSeal
{
    private readonly Digest _collection;
    private readonly byte[]? _nameKey;
    private readonly byte[]? _sealKey;
    private readonly DataOptions _options;

    public CollectionSeal(CollectionName name, NetworkId network, IdentityKey user, DataOptions options)
    {
        (_collection, _options) = (name.Id, options);
        if (name.Scope is CollectionScope.Shared) { return; }
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize], info = stackalloc byte[13 + NodeId.Size + Digest.Size], keys = stackalloc byte[64];
        user.CopySeedTo(seed);
        "coco store v1"u8.CopyTo(info);
        network.Key.CopyTo(info[13..]);
        name.Id.CopyTo(info[(13 + NodeId.Size)..]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, keys, default, info);
        (_nameKey, _sealKey) = (keys[..32].ToArray(), keys[32..].ToArray());
        CryptographicOperations.ZeroMemory(seed);
        CryptographicOperations.ZeroMemory(keys);
    }

    public byte[] KeyOf(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return _nameKey is null ? bytes : HMACSHA256.HashData(_nameKey, bytes);
    }

    public byte[] Seal(string name, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_sealKey is null) { return value.ToArray(); }
        var bytes = Encoding.UTF8.GetBytes(name);
        var plain = new byte[VarInt.Length((ulong)bytes.Length) + bytes.Length + value.Length];
        var writer = new SpanWriter(plain);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        writer.WriteBytes(value);
        var box = new byte[plain.Length + Envelope.Overhead];
        Envelope.Seal(_sealKey, DataOf(key), plain, box);
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>The name of an entry; null where it is not one of this collection.</summary>
    public string? NameOf(SignedEntry entry) => TryOpen(entry, out var name, out _) ? name : null;

    public bool TryOpen(SignedEntry entry, out string name, out byte[] value)
    {
        (name, value) = ("", []);
        if (_sealKey is null) { return TryName(entry.Key, out name) && Take(entry.Value.Span, out value); }
        if (entry.Key.Length != Digest.Size || !Envelope.TryOpen(_sealKey, DataOf(entry.Key), entry.Value.ToArray(), out var plain)) { return false; }
        var reader = new SpanReader(plain);
        if (!reader.TryReadVarIntBytes(out var bytes) || !TryName(bytes, out name)) { return false; }
        return Take(reader.ReadToEnd(), out value) && KeyOf(name).AsSpan().SequenceEqual(entry.Key);
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
