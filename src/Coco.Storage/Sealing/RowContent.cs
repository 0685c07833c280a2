using System.Buffers.Binary;
using System.Text;

namespace Coco.Storage.Sealing;

/// <summary>
/// What is sealed in a row. The names are in it because the file has only their HMACs, and a scan gives them back.
/// <code>
/// flags u8 (1: the table holds keys) | length u8 | table, ASCII | length u16 | key | value
/// </code>
/// </summary>
internal readonly ref struct RowContent
{
    private const byte HoldsKeysFlag = 1;

    private RowContent(bool holdsKeys, ReadOnlySpan<byte> table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HoldsKeys = holdsKeys;
        Table = table;
        Key = key;
        Value = value;
    }

    public bool HoldsKeys { get; }

    /// <summary>The table's name in ASCII.</summary>
    public ReadOnlySpan<byte> Table { get; }

    public ReadOnlySpan<byte> Key { get; }

    public ReadOnlySpan<byte> Value { get; }

    public static byte[] Write(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var content = new byte[1 + 1 + table.Name.Length + sizeof(ushort) + key.Length + value.Length];
        content[0] = table.HoldsKeys ? HoldsKeysFlag : (byte)0;
        var at = 1 + WriteTable(content.AsSpan(1), table.Name);
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(at), (ushort)key.Length);
        key.CopyTo(content.AsSpan(at + sizeof(ushort)));
        value.CopyTo(content.AsSpan(at + sizeof(ushort) + key.Length));
        return content;
    }

    public static int WriteTable(Span<byte> destination, string table)
    {
        destination[0] = (byte)table.Length;
        return 1 + Encoding.ASCII.GetBytes(table, destination[1..]);
    }

    public static int WriteTable(Span<byte> destination, ReadOnlySpan<byte> table)
    {
        destination[0] = (byte)table.Length;
        table.CopyTo(destination[1..]);
        return 1 + table.Length;
    }

    public bool IsOf(StoreTable table)
    {
        Span<byte> name = stackalloc byte[StoreTable.MaxNameLength];
        return Table.SequenceEqual(name[..Encoding.ASCII.GetBytes(table.Name, name)]);
    }

    public static bool TryRead(ReadOnlySpan<byte> content, out RowContent row)
    {
        row = default;
        if (content.Length < 2 || content.Length < 2 + content[1] + sizeof(ushort)) { return false; }

        var table = content.Slice(2, content[1]);
        var rest = content[(2 + content[1])..];
        var keySize = BinaryPrimitives.ReadUInt16BigEndian(rest);
        rest = rest[sizeof(ushort)..];
        if (rest.Length < keySize || keySize > StoreTransaction.MaxKeySize || table.Length > StoreTable.MaxNameLength) { return false; }

        row = new((content[0] & HoldsKeysFlag) != 0, table, rest[..keySize], rest[keySize..]);
        return true;
    }
}
