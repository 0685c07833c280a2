using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>A connection ID of version 1: 0 to 20 bytes, held inline (RFC 9000 §5.1 and §17.2).</summary>
/// <remarks>
/// A client chooses the Destination Connection ID of its first packets, so an attacker could aim them all at one bucket of the
/// endpoint's table. The hash is therefore the runtime's string hash (Marvin), whose key is drawn at random for each process.
/// </remarks>
public readonly struct ConnectionId : IEquatable<ConnectionId>
{
    /// <summary>The longest connection ID of version 1, in bytes.</summary>
    public const int MaxLength = 20;

    private readonly InlineBytes _bytes; // zero beyond the length
    private readonly byte _length;

    /// <summary>Copies a connection ID of at most <see cref="MaxLength"/> bytes.</summary>
    public ConnectionId(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxLength, nameof(bytes));
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    /// <summary>Bytes in this connection ID; zero is valid and means its endpoint needs none.</summary>
    public int Length => _length;

    /// <summary>Whether this is the zero-length connection ID.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>The bytes, valid as long as this value stays where it is.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>Copies the bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination) => Span.CopyTo(destination);

    /// <summary>Draws a connection ID nobody can predict or link to another (RFC 9000 §5.1).</summary>
    public static ConnectionId Generate(RandomSource random, int length)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaxLength, nameof(length));
        Span<byte> bytes = stackalloc byte[MaxLength];
        random.Fill(bytes[..length]);
        return new(bytes[..length]);
    }

    /// <inheritdoc/>
    public bool Equals(ConnectionId other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ConnectionId other && Equals(other);

#pragma warning disable MA0021 // no comparer hashes a span
    /// <inheritdoc/>
    public override int GetHashCode() =>
        string.GetHashCode(MemoryMarshal.Cast<byte, char>((ReadOnlySpan<byte>)_bytes)) + _length;
#pragma warning restore MA0021

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    /// <summary>Whether both are the same bytes.</summary>
    public static bool operator ==(ConnectionId left, ConnectionId right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(ConnectionId left, ConnectionId right) => !left.Equals(right);

    [InlineArray(MaxLength)]
    private struct InlineBytes
    {
        private byte _first;
    }
}
