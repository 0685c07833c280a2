using System.Buffers.Binary;

namespace Coco.Quic.Tls;

/// <summary>Reads the presentation language of RFC 8446 §3: big-endian numbers, and vectors with their length in front.</summary>
internal ref struct TlsReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (!TryReadBytes(1, out var bytes)) { return false; }
        value = bytes[0];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        value = 0;
        if (!TryReadBytes(2, out var bytes)) { return false; }
        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryReadBytes(4, out var bytes)) { return false; }
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > _rest.Length) { return false; }
        bytes = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>A vector with a 1-byte length, <c>&lt;minimum..2^8-1&gt;</c>.</summary>
    public bool TryReadVector8(int minimum, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        return TryReadByte(out var length) && length >= minimum && TryReadBytes(length, out vector);
    }

    /// <summary>A vector with a 2-byte length, <c>&lt;minimum..2^16-1&gt;</c>.</summary>
    public bool TryReadVector16(int minimum, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        return TryReadUInt16(out var length) && length >= minimum && TryReadBytes(length, out vector);
    }

    /// <summary>A vector with a 3-byte length, <c>&lt;minimum..2^24-1&gt;</c>.</summary>
    public bool TryReadVector24(int minimum, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        if (!TryReadBytes(3, out var bytes)) { return false; }
        var length = (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
        return length >= minimum && TryReadBytes(length, out vector);
    }
}
