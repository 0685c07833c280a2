using Coco.Data.Core;
using Coco.Quic.Packets;

namespace Coco.Data;

/// <summary>Writes and reads frames of <see cref="BlobFrameType"/>.</summary>
internal static class BlobFrames
{
    /// <summary>Chunks that one <see cref="BlobFrameType.Get"/> asks for at most.</summary>
    public const int MaxChunks = 16;

    /// <summary>Longest body.</summary>
    public const int MaxBody = BlobTree.ChunkSize + (BlobTree.MaxProof * Digest.Size) + 32;

    public static byte[] Get(Digest collection, BlobId blob, int first, int count)
    {
        Span<byte> body = stackalloc byte[(2 * Digest.Size) + (2 * VarInt.MaxLength)];
        var writer = new SpanWriter(body);
        collection.CopyTo(writer.Reserve(Digest.Size));
        blob.Digest.CopyTo(writer.Reserve(Digest.Size));
        writer.WriteVarInt((ulong)first);
        writer.WriteVarInt((ulong)count);
        return DataFrames.Of((DataFrameType)BlobFrameType.Get, writer.Written);
    }

    public static bool TryReadGet(ReadOnlySpan<byte> body, out Digest collection, out BlobId blob, out int first, out int count)
    {
        (collection, blob, first, count) = (default, default, 0, 0);
        var reader = new SpanReader(body);
        if (!reader.TryReadBytes(Digest.Size, out var name) || !reader.TryReadBytes(Digest.Size, out var id)) { return false; }
        if (!reader.TryReadVarInt(out var from) || from > int.MaxValue - MaxChunks || !reader.TryReadVarInt(out var some) || some is 0 or > MaxChunks || !reader.IsEmpty) { return false; }
        (collection, blob, first, count) = (Digest.Read(name), new(Digest.Read(id)), (int)from, (int)some);
        return true;
    }

    public static byte[] Chunk(int index, long length, ReadOnlySpan<Digest> proof, ReadOnlySpan<byte> bytes)
    {
        var body = new byte[MaxBody];
        var writer = new SpanWriter(body);
        writer.WriteVarInt((ulong)index);
        writer.WriteUInt64((ulong)length);
        writer.WriteByte((byte)proof.Length);
        foreach (var sibling in proof) { sibling.CopyTo(writer.Reserve(Digest.Size)); }
        writer.WriteBytes(bytes);
        return DataFrames.Of((DataFrameType)BlobFrameType.Chunk, writer.Written);
    }

    /// <summary>Whether a frame has a chunk of a blob, and the one that was asked for.</summary>
    public static bool TryReadChunk(ReadOnlySpan<byte> body, BlobId blob, int index, out long length, out ReadOnlySpan<byte> bytes)
    {
        length = 0;
        bytes = default;
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || number != (ulong)index || !reader.TryReadUInt64(out var total) || total > (ulong)BlobTree.MaxLength) { return false; }
        if (!reader.TryReadByte(out var count) || count > BlobTree.MaxProof) { return false; }
        Span<Digest> proof = stackalloc Digest[BlobTree.MaxProof];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadBytes(Digest.Size, out var sibling)) { return false; }
            proof[i] = Digest.Read(sibling);
        }
        length = (long)total;
        bytes = reader.ReadToEnd();
        return BlobTree.IsChunk(blob, length, index, bytes, proof[..count]);
    }
}
