using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.Stun;

/// <summary>The 96 random bits that tie an answer to its request (RFC 8489 §5).</summary>
internal readonly record struct TransactionId(uint High, ulong Low)
{
    public const int Length = 12;

    /// <summary>§5: uniformly random, since it is all that keeps others from answering in the server's stead.</summary>
    public static TransactionId Create(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Length];
        random.Fill(bytes);
        return Read(bytes);
    }

    public static TransactionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[4..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], Low);
    }
}
