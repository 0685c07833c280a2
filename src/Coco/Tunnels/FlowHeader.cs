using Coco.Quic.Packets;

namespace Coco.Tunnels;

/// <summary>
/// The beginning of a tunnel's datagram. One of UDP that is larger than what the path takes goes in pieces of one size, but for the last, and is
/// lost with any of them.
/// <code>
/// datagram = flow × 2 varint ‖ bytes
///          | flow × 2 + 1 varint ‖ id u16 ‖ index u8 ‖ count u8 (2–64) ‖ total u16 ‖ piece      of ⌈total ÷ count⌉ bytes
/// </code>
/// </summary>
internal readonly record struct FlowHeader(ulong Flow, ushort Id = 0, byte Index = 0, byte Count = 1, ushort Total = 0)
{
    /// <summary>Bytes of the longest.</summary>
    public const int MaxLength = VarInt.MaxLength + PieceLength;

    /// <summary>Pieces of a datagram: 65,507 bytes over the smallest path of QUIC.</summary>
    public const int MaxCount = 64;

    /// <summary>The largest number of a flow.</summary>
    public const ulong MaxFlow = VarInt.Max >> 1;

    private const int PieceLength = 6;

    public bool IsPiece => Count > 1;

    /// <summary>Bytes that this one takes.</summary>
    public int Length => VarInt.Length(Flow << 1) + (IsPiece ? PieceLength : 0);

    /// <summary>Bytes of all pieces but the last.</summary>
    public int PieceSize => (Total + Count - 1) / Count;

    /// <summary>Where in the whole this piece is.</summary>
    public int Offset => Index * PieceSize;

    /// <summary>Bytes that this piece has.</summary>
    public int Size => Math.Min(PieceSize, Total - Offset);

    public void Write(Span<byte> destination)
    {
        var writer = new SpanWriter(destination);
        writer.WriteVarInt((Flow << 1) | (IsPiece ? 1ul : 0));
        if (!IsPiece) { return; }
        writer.WriteUInt16(Id);
        writer.WriteByte(Index);
        writer.WriteByte(Count);
        writer.WriteUInt16(Total);
    }

    /// <summary>Reads a header, and what follows it. False where it is none, or the piece is not of the size it must be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out FlowHeader header, out ReadOnlySpan<byte> rest)
    {
        header = default;
        rest = default;
        if (!VarInt.TryRead(datagram, out var first, out var length)) { return false; }
        rest = datagram[length..];
        header = new(first >> 1);
        if ((first & 1) == 0) { return true; }
        if (rest.Length < PieceLength) { return false; }
        header = new(first >> 1, (ushort)((rest[0] << 8) | rest[1]), rest[2], rest[3], (ushort)((rest[4] << 8) | rest[5]));
        rest = rest[PieceLength..];
        return header.Count is > 1 and <= MaxCount && header.Index < header.Count && header.Total >= header.Count && header.Size > 0 && rest.Length == header.Size;
    }
}
