using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Cluster;

/// <summary>A statement: the SHA-256 hash of its signed bytes.</summary>
public readonly struct StatementId : IEquatable<StatementId>, IComparable<StatementId>
{
    /// <summary>Bytes of the hash.</summary>
    public const int Size = 32;

    private readonly ulong _a, _b, _c, _d;

    private StatementId(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Whether this is the default value, which names no statement.</summary>
    public bool IsDefault => (_a | _b | _c | _d) == 0;

    /// <summary>Takes the 32 bytes of a hash.</summary>
    public static StatementId Read(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new(bytes)
        : throw new ArgumentException($"The identity of a statement has {Size} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>The identity of a statement with these signed bytes.</summary>
    public static StatementId Of(ReadOnlySpan<byte> signed)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(signed, hash);
        return new(hash);
    }

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size) { throw new ArgumentException($"The identity of a statement has {Size} bytes.", nameof(destination)); }
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <inheritdoc/>
    public bool Equals(StatementId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StatementId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_a, _b);

    /// <summary>Orders as the bytes.</summary>
    public int CompareTo(StatementId other)
    {
        if (_a != other._a) { return _a.CompareTo(other._a); }
        if (_b != other._b) { return _b.CompareTo(other._b); }
        return _c != other._c ? _c.CompareTo(other._c) : _d.CompareTo(other._d);
    }

    /// <summary>The first 16 hexadecimal digits: enough for a log.</summary>
    public override string ToString() => _a.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether two are the same.</summary>
    public static bool operator ==(StatementId left, StatementId right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(StatementId left, StatementId right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(StatementId left, StatementId right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(StatementId left, StatementId right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(StatementId left, StatementId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(StatementId left, StatementId right) => left.CompareTo(right) >= 0;
}
