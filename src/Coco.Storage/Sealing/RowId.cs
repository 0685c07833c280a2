using System.Runtime.CompilerServices;

namespace Coco.Storage.Sealing;

/// <summary>
/// The name of a row in the file: 12 bytes that say the table, 20 that say table and key, both HMAC-SHA256 cut short.
/// </summary>
[InlineArray(Size)]
internal struct RowId
{
    public const int Size = 32;
    public const int TableSize = 12;

    private byte _first;

    public static RowId Read(ReadOnlySpan<byte> source)
    {
        var id = default(RowId);
        source[..Size].CopyTo(id);
        return id;
    }

    public readonly void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)this).CopyTo(destination);

    public readonly bool Equals(in RowId other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <summary>After all ids that begin with the same table.</summary>
    public readonly RowId LastOfTable()
    {
        var last = this;
        ((Span<byte>)last)[TableSize..].Fill(0xFF);
        return last;
    }
}
