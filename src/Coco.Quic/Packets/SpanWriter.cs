using System.Buffers.Binary;
using System.Diagnostics;

namespace Coco.Quic.Packets;

/// <summary>
/// Writes our own bytes front to back. The caller has checked that they fit; where it was wrong, the span throws.
/// </summary>
internal ref struct SpanWriter(Span<byte> destination)
{
    public readonly Span<byte> Span { get; } = destination;

    public int Position { get; private set; }

    public readonly int RemainingLength => Span.Length - Position;

    public readonly Span<byte> Remaining => Span[Position..];

    public readonly Span<byte> Written => Span[..Position];

    public void WriteVarInt(ulong value)
    {
        Debug.Assert(value <= VarInt.Max, "beyond the largest variable-length integer");
        Position += VarInt.Write(Remaining, value);
    }

    public void WriteByte(byte value) => Span[Position++] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), value);

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Skips bytes the caller fills in later, such as a length field.</summary>
    public Span<byte> Reserve(int length)
    {
        var reserved = Span.Slice(Position, length);
        Position += length;
        return reserved;
    }
}
