using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>96 random bits that tell our mapping from those of whoever forges our address (RFC 6887 §11.1, §18.2).</summary>
internal readonly record struct MappingNonce(ulong High, uint Low)
{
    public const int Length = 12;

    public static MappingNonce Draw(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Length];
        random.Fill(bytes);
        return Read(bytes);
    }

    public static MappingNonce Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt32BigEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Low);
    }
}
