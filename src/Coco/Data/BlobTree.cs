using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Data.Core;

namespace Coco.Data;

/// <summary>
/// The tree of hashes over a blob, so that each of its chunks can be checked by itself. As in RFC 9162 §2.1, leaves and nodes begin with different bytes;
/// a node that has no sibling goes up as it is.
/// <code>
/// leaf = SHA-256( 0x00 ‖ chunk )                       64 KiB, the last one shorter; an empty blob has one empty chunk
/// node = SHA-256( 0x01 ‖ left ‖ right )
/// id   = SHA-256( 0x02 ‖ "coco blob v1" ‖ length u64 ‖ root )
/// </code>
/// </summary>
internal static class BlobTree
{
    public const int ChunkSize = 64 << 10;

    /// <summary>Longest way from a leaf to the root.</summary>
    public const int MaxProof = 48;

    /// <summary>Leaves of a part of the tree that is read and written at once.</summary>
    public const int GroupSize = 1 << GroupLevels;

    private const int GroupLevels = 10;

    public static long MaxLength => (long)int.MaxValue * ChunkSize;

    public static int ChunksOf(long length) => (int)Math.Max(1, (length + ChunkSize - 1) / ChunkSize);

    public static int LengthOf(int chunk, long length) => (int)Math.Min(ChunkSize, length - ((long)chunk * ChunkSize));

    public static Digest Leaf(ReadOnlySpan<byte> chunk)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(chunk);
        Span<byte> digest = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(digest);
        return Digest.Read(digest);
    }

    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Digest.Size)];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Digest.Size)..]);
        return Digest.Of(bytes);
    }

    public static BlobId IdOf(long length, Digest root)
    {
        Span<byte> bytes = stackalloc byte[1 + 12 + sizeof(long) + Digest.Size];
        bytes[0] = 2;
        "coco blob v1"u8.CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[13..], length);
        root.CopyTo(bytes[21..]);
        return new(Digest.Of(bytes));
    }

    public static Digest Root(IReadOnlyList<Digest> nodes)
    {
        while (nodes.Count > 1) { nodes = Up(nodes); }
        return nodes[0];
    }

    /// <summary>The siblings on the way up from one of some nodes.</summary>
    public static void AddProof(List<Digest> proof, IReadOnlyList<Digest> nodes, int index)
    {
        for (; nodes.Count > 1; index /= 2)
        {
            if ((index ^ 1) < nodes.Count) { proof.Add(nodes[index ^ 1]); }
            nodes = Up(nodes);
        }
    }

    /// <summary>Whether a chunk is what stands at its place in a blob.</summary>
    public static bool IsChunk(BlobId id, long length, int index, ReadOnlySpan<byte> chunk, ReadOnlySpan<Digest> proof)
    {
        if (length < 0 || length > MaxLength || index < 0 || index >= ChunksOf(length) || chunk.Length != LengthOf(index, length)) { return false; }
        var node = Leaf(chunk);
        var used = 0;
        for (var count = ChunksOf(length); count > 1; (count, index) = ((count + 1) / 2, index / 2))
        {
            if ((index ^ 1) >= count) { continue; }
            if (used == proof.Length) { return false; }
            var sibling = proof[used++];
            node = (index & 1) == 0 ? Node(node, sibling) : Node(sibling, node);
        }
        return used == proof.Length && IdOf(length, node) == id;
    }

    private static Digest[] Up(IReadOnlyList<Digest> nodes)
    {
        var parents = new Digest[(nodes.Count + 1) / 2];
        for (var i = 0; i < parents.Length; i++) { parents[i] = (2 * i) + 1 < nodes.Count ? Node(nodes[2 * i], nodes[(2 * i) + 1]) : nodes[2 * i]; }
        return parents;
    }
}
