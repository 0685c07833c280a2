using System.Buffers.Binary;
using Coco.Quic.Packets;

namespace Coco.Data.Core;

/// <summary>Writes frames; <see cref="DataFrameType"/> has the layout.</summary>
internal static class DataFrames
{
    public static byte[] Have(bool wantsAnswer, IEnumerable<CollectionName> names)
    {
        var body = new byte[1 + (DataFrame.MaxNames * CollectionName.MaxSize)];
        var writer = new SpanWriter(body);
        writer.WriteByte(wantsAnswer ? (byte)1 : (byte)0);
        foreach (var name in names) { name.Write(ref writer); }
        return Of(DataFrameType.Have, writer.Written);
    }

    public static byte[] Digests(DataFrameType type, Digest collection, ulong floor, UInt128 digest)
    {
        Span<byte> body = stackalloc byte[Digest.Size + 8 + 16];
        collection.CopyTo(body);
        BinaryPrimitives.WriteUInt64BigEndian(body[Digest.Size..], floor);
        BinaryPrimitives.WriteUInt128BigEndian(body[(Digest.Size + 8)..], digest);
        return Of(type, body);
    }

    public static byte[] Branch(DataTable table, int level, int index)
    {
        Span<byte> body = stackalloc byte[Digest.Size + 3 + (16 * DataTable.FanOut)];
        WriteHead(body, table.Name.Id, level, index);
        for (var i = 0; i < DataTable.FanOut; i++)
        {
            BinaryPrimitives.WriteUInt128BigEndian(body[(Digest.Size + 3 + (16 * i))..], table.DigestOf(level + 1, (index * DataTable.FanOut) + i));
        }
        return Of(DataFrameType.Branch, body);
    }

    public static byte[] Ask(Digest collection, int level, IReadOnlyList<int> indices)
    {
        var body = new byte[Digest.Size + 1 + (2 * indices.Count)];
        collection.CopyTo(body);
        body[Digest.Size] = (byte)level;
        for (var i = 0; i < indices.Count; i++) { BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(Digest.Size + 1 + (2 * i)), (ushort)indices[i]); }
        return Of(DataFrameType.Ask, body);
    }

    public static byte[] Leaf(Digest collection, int index, ulong floor, Digest after, Digest upTo, IReadOnlyList<EntryRecord> items)
    {
        const int Head = Digest.Size + 2 + 8 + (2 * Digest.Size);
        var body = new byte[Head + (items.Count * EntryItem.Size)];
        collection.CopyTo(body);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(Digest.Size), (ushort)index);
        BinaryPrimitives.WriteUInt64BigEndian(body.AsSpan(Digest.Size + 2), floor);
        after.CopyTo(body.AsSpan(Digest.Size + 10));
        upTo.CopyTo(body.AsSpan((2 * Digest.Size) + 10));
        WriteItems(body.AsSpan(Head), [.. items.Select(EntryItem.Of)]);
        return Of(DataFrameType.Leaf, body);
    }

    public static byte[] Offer(Digest collection, IReadOnlyList<EntryItem> items)
    {
        var body = new byte[Digest.Size + (items.Count * EntryItem.Size)];
        collection.CopyTo(body);
        WriteItems(body.AsSpan(Digest.Size), items);
        return Of(DataFrameType.Offer, body);
    }

    public static byte[] Want(Digest collection, IReadOnlyList<Digest> keys)
    {
        var body = new byte[Digest.Size * (1 + keys.Count)];
        collection.CopyTo(body);
        for (var i = 0; i < keys.Count; i++) { keys[i].CopyTo(body.AsSpan(Digest.Size * (1 + i))); }
        return Of(DataFrameType.Want, body);
    }

    public static byte[] Entries(Digest collection, ulong number, IReadOnlyList<byte[]> entries)
    {
        var body = new byte[Digest.Size + VarInt.MaxLength + entries.Sum(static entry => VarInt.MaxLength + entry.Length)];
        var writer = new SpanWriter(body);
        collection.CopyTo(writer.Reserve(Digest.Size));
        writer.WriteVarInt(number);
        foreach (var entry in entries)
        {
            writer.WriteVarInt((ulong)entry.Length);
            writer.WriteBytes(entry);
        }
        return Of(DataFrameType.Entries, writer.Written);
    }

    public static byte[] Ack(ulong number, int refused, Refusal why)
    {
        Span<byte> body = stackalloc byte[(2 * VarInt.MaxLength) + 1];
        var writer = new SpanWriter(body);
        writer.WriteVarInt(number);
        writer.WriteVarInt((ulong)refused);
        writer.WriteByte((byte)why);
        return Of(DataFrameType.Ack, writer.Written);
    }

    public static byte[] Of(DataFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[VarInt.Length((ulong)type) + VarInt.Length((ulong)body.Length) + body.Length];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return frame;
    }

    private static void WriteHead(Span<byte> body, Digest collection, int level, int index)
    {
        collection.CopyTo(body);
        body[Digest.Size] = (byte)level;
        BinaryPrimitives.WriteUInt16BigEndian(body[(Digest.Size + 1)..], (ushort)index);
    }

    private static void WriteItems(Span<byte> body, IReadOnlyList<EntryItem> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = body[(i * EntryItem.Size)..];
            items[i].Key.CopyTo(item);
            BinaryPrimitives.WriteUInt64BigEndian(item[Digest.Size..], items[i].Time);
            items[i].Content.CopyTo(item[(Digest.Size + 8)..]);
        }
    }
}
