using System.Buffers.Binary;

namespace Coco.Quic.Packets;

/// <summary>Reads a peer's bytes front to back. Every method returns false, and moves nothing, when too few are left.</summary>
internal ref struct SpanReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;

    public int Position { get; private set; }

    public readonly bool IsEmpty => Position == _source.Length;

    public readonly int RemainingLength => _source.Length - Position;

    public readonly ReadOnlySpan<byte> Remaining => _source[Position..];

    public bool TryReadVarInt(out ulong value)
    {
        // Most integers in frames are small; the one-byte form is worth a path of its own.
        if ((uint)Position < (uint)_source.Length && _source[Position] < 0x40)
        {
            value = _source[Position++];
            return true;
        }
        if (!VarInt.TryRead(Remaining, out value, out var length)) { return false; }
        Position += length;
        return true;
    }

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (IsEmpty) { return false; }
        value = _source[Position++];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(Remaining, out value)) { return false; }
        Position += sizeof(ushort);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Remaining, out value)) { return false; }
        Position += sizeof(uint);
        return true;
    }

    public bool TryReadUInt64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(Remaining, out value)) { return false; }
        Position += sizeof(ulong);
        return true;
    }

    public bool TryReadBytes(int length, out ReadOnlySpan<byte> bytes) => TryReadBytes((ulong)(uint)length, out bytes);

    /// <summary>The length is as read from the wire: it may be anything up to 2^62 − 1.</summary>
    public bool TryReadBytes(ulong length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length > (ulong)RemainingLength) { return false; }
        bytes = _source.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }

    /// <summary>A length as a variable-length integer, then that many bytes.</summary>
    public bool TryReadVarIntBytes(out ReadOnlySpan<byte> bytes)
    {
        var start = Position;
        if (TryReadVarInt(out var length) && TryReadBytes(length, out bytes)) { return true; }
        Position = start;
        bytes = default;
        return false;
    }

    /// <summary>A length of one byte, then that many bytes, as connection IDs are written in headers.</summary>
    public bool TryReadByteLengthBytes(out ReadOnlySpan<byte> bytes)
    {
        var start = Position;
        if (TryReadByte(out var length) && TryReadBytes(length, out bytes)) { return true; }
        Position = start;
        bytes = default;
        return false;
    }

    /// <summary>Everything that is left.</summary>
    public ReadOnlySpan<byte> ReadToEnd()
    {
        var rest = Remaining;
        Position = _source.Length;
        return rest;
    }
}
