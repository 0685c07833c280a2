using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Data.Core;

/// <summary>A SHA-256 of something.</summary>
internal readonly record struct Digest(ulong A, ulong B, ulong C, ulong D) : IComparable<Digest>
{
    public const int Size = 32;

    public bool IsDefault => (A | B | C | D) == 0;

    public static Digest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], D);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(Digest other)
    {
        var order = A.CompareTo(other.A);
        if (order == 0) { order = B.CompareTo(other.B); }
        if (order == 0) { order = C.CompareTo(other.C); }
        return order == 0 ? D.CompareTo(other.D) : order;
    }

    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
