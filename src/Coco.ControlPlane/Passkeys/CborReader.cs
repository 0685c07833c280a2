using System.Buffers.Binary;

namespace Coco.ControlPlane.Passkeys;

/// <summary>
/// Reads the CBOR (RFC 8949) that authenticators write: definite lengths, the shortest forms, no floats and no tags but to be skipped.
/// Nothing throws; a length is compared with what is left before anything is done with it.
/// </summary>
internal ref struct CborReader(ReadOnlySpan<byte> bytes)
{
    private const int MaxDepth = 8; // authenticators nest four deep at most (CTAP 2.1 §8)

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly int Consumed => _at;

    public readonly bool IsAtEnd => _at == _bytes.Length;

    public bool TryReadInteger(out long value)
    {
        var start = _at;
        if (TryReadHead(out var major, out var argument) && major <= 1 && argument <= long.MaxValue)
        {
            value = major == 0 ? (long)argument : -1 - (long)argument;
            return true;
        }
        (_at, value) = (start, 0);
        return false;
    }

    public bool TryReadBytes(out ReadOnlySpan<byte> value) => TryReadString(2, out value);

    /// <summary>Reads a text, as UTF-8 that is not checked: it is compared with names only.</summary>
    public bool TryReadText(out ReadOnlySpan<byte> value) => TryReadString(3, out value);

    /// <summary>Reads the beginning of a map.</summary>
    /// <param name="count">How many pairs follow. Each takes two bytes or more, so there cannot be more than half of what is left.</param>
    public bool TryReadMap(out int count) => TryReadStart(5, 2, out count);

    /// <summary>Reads over one value, whatever it is.</summary>
    public bool TrySkip() => TrySkip(0);

    private bool TrySkip(int depth)
    {
        if (depth > MaxDepth || !TryReadHead(out var major, out var argument)) { return false; }
        switch (major)
        {
            case 2 or 3:
                if (argument > (ulong)(_bytes.Length - _at)) { return false; }
                _at += (int)argument;
                return true;
            case 4 or 5:
                var each = major - 3; // a pair is two
                if (argument > (ulong)((_bytes.Length - _at) / each)) { return false; }
                for (var i = 0; i < (int)argument * each; i++)
                {
                    if (!TrySkip(depth + 1)) { return false; }
                }
                return true;
            case 6:
                return TrySkip(depth + 1);
            default:
                return true;
        }
    }

    private bool TryReadString(int wanted, out ReadOnlySpan<byte> value)
    {
        var start = _at;
        if (TryReadHead(out var major, out var argument) && major == wanted && argument <= (ulong)(_bytes.Length - _at))
        {
            value = _bytes.Slice(_at, (int)argument);
            _at += (int)argument;
            return true;
        }
        _at = start;
        value = default;
        return false;
    }

    private bool TryReadStart(int wanted, int each, out int count)
    {
        var start = _at;
        if (TryReadHead(out var major, out var argument) && major == wanted && argument <= (ulong)((_bytes.Length - _at) / each))
        {
            count = (int)argument;
            return true;
        }
        (_at, count) = (start, 0);
        return false;
    }

    // §3: three bits of major type, five of argument; 24 to 27 say that 1, 2, 4 or 8 bytes follow, which must have been needed (§4.2.1).
    private bool TryReadHead(out int major, out ulong argument)
    {
        (major, argument) = (0, 0);
        if (_at >= _bytes.Length) { return false; }
        var first = _bytes[_at];
        var rest = _bytes[(_at + 1)..];
        major = first >> 5;
        var info = first & 0x1F;
        var size = info switch { < 24 => 0, 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => -1 };
        if (size < 0 || rest.Length < size) { return false; }
        ulong least;
        (argument, least) = size switch
        {
            0 => ((ulong)info, 0UL),
            1 => (rest[0], 24UL),
            2 => (BinaryPrimitives.ReadUInt16BigEndian(rest), 1UL << 8),
            4 => (BinaryPrimitives.ReadUInt32BigEndian(rest), 1UL << 16),
            _ => (BinaryPrimitives.ReadUInt64BigEndian(rest), 1UL << 32),
        };
        if (major != 7 && argument < least) { return false; }
        _at += 1 + size;
        return true;
    }
}
