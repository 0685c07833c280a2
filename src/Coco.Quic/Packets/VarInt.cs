using System.Buffers.Binary;
using System.Diagnostics;

namespace Coco.Quic.Packets;

/// <summary>Variable-length integers: the top two bits of the first byte say 1, 2, 4 or 8 bytes (RFC 9000 §16).</summary>
internal static class VarInt
{
    public const ulong Max = (1UL << 62) - 1;
    public const int MaxLength = 8;

    /// <summary>Bytes of the shortest encoding of <paramref name="value"/>.</summary>
    public static int Length(ulong value) => value switch
    {
        < 1UL << 6 => 1,
        < 1UL << 14 => 2,
        < 1UL << 30 => 4,
        _ => 8,
    };

    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        if (source.IsEmpty) { return false; }

        length = 1 << (source[0] >> 6);
        if (source.Length < length) { return false; }

        value = length switch
        {
            1 => source[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3FFFu,
            4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x3FFF_FFFFu,
            _ => BinaryPrimitives.ReadUInt64BigEndian(source) & Max,
        };
        return true;
    }

    /// <summary>Writes the shortest encoding and returns its length.</summary>
    public static int Write(Span<byte> destination, ulong value)
    {
        var length = Length(value);
        WriteWithLength(destination, value, length);
        return length;
    }

    /// <summary>Writes an encoding of 1, 2, 4 or 8 bytes, so that a length can be filled in once it is known.</summary>
    public static void WriteWithLength(Span<byte> destination, ulong value, int length)
    {
        Debug.Assert(value <= Max && Length(value) <= length, "value does not fit the encoding");
        switch (length)
        {
            case 1: destination[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | 0x4000)); break;
            case 4: BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(value | 0x8000_0000)); break;
            default: BinaryPrimitives.WriteUInt64BigEndian(destination, value | 0xC000_0000_0000_0000); break;
        }
    }
}
