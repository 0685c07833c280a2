using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Cluster.Graph;

/// <summary>SHA-256 of the signed bytes of an advertisement.</summary>
internal readonly record struct AdvertisementHash(UInt128 High, UInt128 Low)
{
    /// <summary>Four bytes of it, to tell apart two advertisements with one sequence number.</summary>
    public uint Check => (uint)(High >> 96);

    public static AdvertisementHash Of(ReadOnlySpan<byte> signed)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signed, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
