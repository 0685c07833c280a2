using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Data.Core;

/// <summary>
/// A blob of a user's collection as keepers hold it: as long as the blob, and a blob itself, with an identity and a tree of its own, so that each chunk is
/// checked by itself, by keepers and by who reads it. Which one it is of says an entry of the collection that keepers cannot open. All of the user's nodes make the
/// same of the same blob under the same key.
/// <code>
/// key    = HKDF-SHA256( seal key of the collection (<see cref="CollectionSeal"/>); info "coco sealed blob v1" ‖ blob (32) ), 32 bytes
/// bytes  = those of the blob XOR AES-256-CTR( key; counter of 16 bytes, from 0 )
/// </code>
/// </summary>
internal sealed class SealedBlob : IDisposable
{
    private const int BlockSize = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly Lock _lock = new(); // one cipher at a time
    private Digest[]? _leaves;
    private Digest[] _roots = [];

    public SealedBlob(ReadOnlySpan<byte> sealKey, BlobId blob)
    {
        Span<byte> info = stackalloc byte[19 + Digest.Size], key = stackalloc byte[32];
        "coco sealed blob v1"u8.CopyTo(info);
        blob.Digest.CopyTo(info[19..]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sealKey, key, default, info);
        _aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Seals a chunk, or opens one, in place. The key is that of this content alone, so no two texts share a stream.</summary>
    public void Apply(int chunk, Span<byte> bytes)
    {
        var counters = new byte[(bytes.Length + BlockSize - 1) / BlockSize * BlockSize];
        var stream = new byte[counters.Length];
        var first = (ulong)chunk * (BlobTree.ChunkSize / BlockSize);
        for (var at = 0; at < counters.Length; at += BlockSize) { BinaryPrimitives.WriteUInt64BigEndian(counters.AsSpan(at + 8), first + (ulong)(at / BlockSize)); }
        lock (_lock) { _aes.EncryptEcb(counters, stream, PaddingMode.None); }
        var next = 0;
        for (; next + sizeof(ulong) <= bytes.Length; next += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[next..], BinaryPrimitives.ReadUInt64LittleEndian(bytes[next..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(stream.AsSpan(next)));
        }
        for (; next < bytes.Length; next++) { bytes[next] ^= stream[next]; }
    }

    /// <summary>Reads the whole blob for the tree over what it is sealed, and says what that is called.</summary>
    public BlobId Measure(BlobFile file)
    {
        var leaves = new Digest[file.Chunks];
        for (var chunk = 0; chunk < leaves.Length; chunk++)
        {
            var bytes = file.Read(chunk);
            Apply(chunk, bytes);
            leaves[chunk] = BlobTree.Leaf(bytes);
        }
        Digest[] roots = [.. leaves.Chunk(BlobTree.GroupSize).Select(static group => BlobTree.Root(group))];
        lock (_lock) { (_leaves, _roots) = (leaves, roots); }
        return BlobTree.IdOf(file.Record.Length, BlobTree.Root(roots));
    }

    /// <summary>The hashes that show that a chunk is one of it.</summary>
    public Digest[] ProofOf(BlobFile file, int chunk)
    {
        if (_leaves is null) { Measure(file); }
        var proof = new List<Digest>();
        var group = chunk / BlobTree.GroupSize;
        BlobTree.AddProof(proof, new ArraySegment<Digest>(_leaves!, group * BlobTree.GroupSize, Math.Min(BlobTree.GroupSize, _leaves!.Length - (group * BlobTree.GroupSize))), chunk % BlobTree.GroupSize);
        BlobTree.AddProof(proof, _roots, group);
        return [.. proof];
    }

    public void Dispose() => _aes.Dispose();
}
