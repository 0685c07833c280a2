using System.Buffers.Binary;
using Coco.Quic.Packets;

namespace Coco.Data.Core;

/// <summary>A frame that was read; <see cref="DataFrameType"/> has the layout.</summary>
internal abstract record DataFrame
{
    /// <summary>Indices that one <see cref="Ask"/> has at most.</summary>
    public const int MaxAsked = 16;

    /// <summary>Items of one frame.</summary>
    public const int MaxItems = 256;

    /// <summary>Keys that one <see cref="Want"/> has.</summary>
    public const int MaxWanted = 64;

    /// <summary>Names of one <see cref="Have"/>.</summary>
    public const int MaxNames = 64;

    /// <summary>Bytes of entries after which a frame is full.</summary>
    public const int EntriesSize = 128 << 10;

    private DataFrame() { }

    public sealed record Have(bool WantsAnswer, IReadOnlyList<CollectionName> Names) : DataFrame;

    public sealed record Root(Digest Collection, ulong Floor, UInt128 Value) : DataFrame;

    public sealed record InStep(Digest Collection, ulong Floor, UInt128 Value) : DataFrame;

    public sealed record Branch(Digest Collection, int Level, int Index, UInt128[] Parts) : DataFrame;

    public sealed record Ask(Digest Collection, int Level, int[] Indices) : DataFrame;

    public sealed record Leaf(Digest Collection, int Index, ulong Floor, Digest After, Digest UpTo, EntryItem[] Items) : DataFrame;

    public sealed record Offer(Digest Collection, EntryItem[] Items) : DataFrame;

    public sealed record Want(Digest Collection, Digest[] Keys) : DataFrame;

    /// <summary>Those that are none, or not signed, are counted.</summary>
    public sealed record Entries(Digest Collection, ulong Number, IReadOnlyList<SignedEntry> Good, int Bad) : DataFrame;

    public sealed record Ack(ulong Number, ulong Refused, Refusal Why) : DataFrame;

    /// <summary>One of a later version.</summary>
    public sealed record Unknown : DataFrame;

    /// <summary>Reads a frame's body, and checks the signatures of entries; null where it makes no sense.</summary>
    public static DataFrame? Read(DataFrameType type, ReadOnlySpan<byte> body, DataOptions options, IEntrySigner signer)
    {
        var reader = new SpanReader(body);
        if (type is DataFrameType.Have) { return ReadHave(ref reader); }
        if (type is DataFrameType.Ack) { return ReadAck(ref reader); }
        if (type is < DataFrameType.Have or > DataFrameType.Ack) { return new Unknown(); }
        if (!reader.TryReadBytes(Digest.Size, out var id)) { return null; }
        var collection = Digest.Read(id);
        return type switch
        {
            DataFrameType.Root => ReadDigest(ref reader, out var floor, out var digest) ? new Root(collection, floor, digest) : null,
            DataFrameType.InStep => ReadDigest(ref reader, out var floor, out var digest) ? new InStep(collection, floor, digest) : null,
            DataFrameType.Branch => ReadBranch(collection, ref reader),
            DataFrameType.Ask => ReadAsk(collection, ref reader),
            DataFrameType.Leaf => ReadLeaf(collection, ref reader),
            DataFrameType.Offer => ReadItems(ref reader) is { } items ? new Offer(collection, items) : null,
            DataFrameType.Want => ReadWant(collection, ref reader),
            _ => ReadEntries(collection, ref reader, options, signer),
        };
    }

    private static Have? ReadHave(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var flags)) { return null; }
        var names = new List<CollectionName>();
        while (!reader.IsEmpty)
        {
            if (names.Count == MaxNames || CollectionName.Read(ref reader) is not { } name) { return null; }
            names.Add(name);
        }
        return new(flags == 1, names);
    }

    private static Ack? ReadAck(ref SpanReader reader) =>
        reader.TryReadVarInt(out var number) && reader.TryReadVarInt(out var refused) && reader.TryReadByte(out var why) ? new(number, refused, (Refusal)why) : null;

    private static bool ReadDigest(ref SpanReader reader, out ulong floor, out UInt128 digest)
    {
        digest = 0;
        if (!reader.TryReadUInt64(out floor) || !reader.TryReadBytes(16, out var bytes)) { return false; }
        digest = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return true;
    }

    private static Branch? ReadBranch(Digest collection, ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var level) || level >= DataTable.LeafLevel || !reader.TryReadUInt16(out var index) || !IsIndex(level, index)) { return null; }
        if (!reader.TryReadBytes(16 * DataTable.FanOut, out var bytes)) { return null; }
        var parts = new UInt128[DataTable.FanOut];
        for (var i = 0; i < parts.Length; i++) { parts[i] = BinaryPrimitives.ReadUInt128BigEndian(bytes[(16 * i)..]); }
        return new(collection, level, index, parts);
    }

    private static Ask? ReadAsk(Digest collection, ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var level) || level is 0 or > DataTable.LeafLevel || reader.RemainingLength > 2 * MaxAsked) { return null; }
        var indices = new int[reader.RemainingLength / 2];
        for (var i = 0; i < indices.Length; i++)
        {
            if (!reader.TryReadUInt16(out var index) || !IsIndex(level, index)) { return null; }
            indices[i] = index;
        }
        return new(collection, level, indices);
    }

    private static Leaf? ReadLeaf(Digest collection, ref SpanReader reader)
    {
        if (!reader.TryReadUInt16(out var index) || !IsIndex(DataTable.LeafLevel, index) || !reader.TryReadUInt64(out var floor)) { return null; }
        if (!reader.TryReadBytes(Digest.Size, out var after) || !reader.TryReadBytes(Digest.Size, out var upTo) || ReadItems(ref reader) is not { } items) { return null; }
        var (first, last) = (Digest.Read(after), Digest.Read(upTo));
        for (var (i, before) = (0, first); i < items.Length; before = items[i++].Key)
        {
            if (items[i].Key.CompareTo(before) <= 0 || items[i].Key.CompareTo(last) > 0 || DataTable.LeafOf(items[i].Key) != index) { return null; }
        }
        return new(collection, index, floor, first, last, items);
    }

    private static Want? ReadWant(Digest collection, ref SpanReader reader)
    {
        if (reader.RemainingLength > MaxWanted * Digest.Size || reader.RemainingLength % Digest.Size != 0) { return null; }
        var keys = new Digest[reader.RemainingLength / Digest.Size];
        for (var i = 0; i < keys.Length && reader.TryReadBytes(Digest.Size, out var key); i++) { keys[i] = Digest.Read(key); }
        return new(collection, keys);
    }

    private static EntryItem[]? ReadItems(ref SpanReader reader)
    {
        if (reader.RemainingLength > MaxItems * EntryItem.Size || reader.RemainingLength % EntryItem.Size != 0) { return null; }
        var items = new EntryItem[reader.RemainingLength / EntryItem.Size];
        for (var i = 0; i < items.Length; i++)
        {
            if (!reader.TryReadBytes(Digest.Size, out var key) || !reader.TryReadUInt64(out var time) || !reader.TryReadBytes(Digest.Size, out var content)) { return null; }
            items[i] = new(Digest.Read(key), time, Digest.Read(content));
        }
        return items;
    }

    private static Entries? ReadEntries(Digest collection, ref SpanReader reader, DataOptions options, IEntrySigner signer)
    {
        if (!reader.TryReadVarInt(out var number)) { return null; }
        var (good, bad) = (new List<SignedEntry>(), 0);
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVarIntBytes(out var bytes)) { return null; }
            if (SignedEntry.Parse(bytes, options.MaxWireKey, options.MaxWireValue) is { } entry
                && signer.Verify(entry.Version.Writer, collection, entry.Body, entry.Signature)) { good.Add(entry); }
            else { bad++; }
        }
        return new(collection, number, good, bad);
    }

    private static bool IsIndex(int level, int index) => index < 1 << (4 * level);
}
