using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Coco.Crypto.Native;

namespace Coco.Crypto;

/// <summary>
/// A node's identity: its Ed25519 public key, written as 52 lower-case base32 characters. There is exactly one way to write an
/// identity, so comparing texts compares identities.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct NodeId : IEquatable<NodeId>, IComparable<NodeId>, ISpanFormattable, ISpanParsable<NodeId>
{
    /// <summary>Bytes an identity has.</summary>
    public const int Size = 32;

    /// <summary>Characters an identity is written with.</summary>
    public const int TextLength = Base32.IdentityLength;

    // The key as four big-endian words, inline: comparing words in order compares the bytes.
    private readonly ulong _a, _b, _c, _d;

    private NodeId(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Whether this is the default value, which names no node.</summary>
    public bool IsDefault => (_a | _b | _c | _d) == 0;

    /// <summary>Takes the 32 bytes of a public key. Whether they are a point on the curve shows when it is used.</summary>
    public static NodeId Read(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new(bytes)
        : throw new ArgumentException($"An identity has {Size} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>Writes the 32 bytes of the public key to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size) { throw new ArgumentException($"An identity has {Size} bytes.", nameof(destination)); }

        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>
    /// Whether <paramref name="signature"/> is this node's Ed25519 signature of <paramref name="message"/> (RFC 8032 §5.1.7).
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != IdentityKey.SignatureSize) { return false; }

        Sodium.Require();
        Span<byte> key = stackalloc byte[Size];
        CopyTo(key);
        return Sodium.crypto_sign_verify_detached(signature, message, (ulong)message.Length, key) == 0;
    }

    /// <summary>
    /// As <see cref="Verify"/>, for what is seen many times: a signature that this process has found good is known again at a fiftieth of the
    /// cost. For statements that go from hand to hand, not for answers to a challenge.
    /// </summary>
    public bool VerifyRemembered(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != IdentityKey.SignatureSize) { return false; }

        var digest = SignatureMemory.DigestOf(this, message, signature);
        if (SignatureMemory.Shared.Contains(digest)) { return true; }
        if (!Verify(message, signature)) { return false; }
        SignatureMemory.Shared.Add(digest);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(NodeId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NodeId other && Equals(other);

    /// <summary>Seeded per process, so that nobody can make keys which collide in a hash table.</summary>
    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d);

    /// <summary>Orders identities as their bytes.</summary>
    public int CompareTo(NodeId other)
    {
        if (_a != other._a) { return _a.CompareTo(other._a); }
        if (_b != other._b) { return _b.CompareTo(other._b); }
        return _c != other._c ? _c.CompareTo(other._c) : _d.CompareTo(other._d);
    }

    /// <summary>The identity as 52 characters.</summary>
    public override string ToString() =>
        string.Create(TextLength, this, static (text, id) => id.TryFormat(text, out _, default, null));

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        charsWritten = 0;
        if (destination.Length < TextLength) { return false; }

        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Base32.Write(bytes, destination);
        charsWritten = TextLength;
        return true;
    }

    /// <summary>
    /// Reads the 52 characters <see cref="ToString()"/> writes; throws <see cref="FormatException"/> for anything else.
    /// </summary>
    public static NodeId Parse(ReadOnlySpan<char> text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"An identity is {TextLength} characters from a-z and 2-7, lower-case.");

    /// <summary>
    /// Reads the 52 characters <see cref="ToString()"/> writes. Upper case, padding and unused bits that are set are refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NodeId id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var parsed = Base32.TryRead(text, bytes);
        id = parsed ? new(bytes) : default;
        return parsed;
    }

    static NodeId ISpanParsable<NodeId>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static NodeId IParsable<NodeId>.Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s);
    }

    static bool ISpanParsable<NodeId>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out NodeId result) =>
        TryParse(s, out result);

    static bool IParsable<NodeId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result) =>
        TryParse(s, out result);

    /// <summary>Whether two identities are the same.</summary>
    public static bool operator ==(NodeId left, NodeId right) => left.Equals(right);

    /// <summary>Whether two identities differ.</summary>
    public static bool operator !=(NodeId left, NodeId right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;
}
