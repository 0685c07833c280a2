using System.Buffers.Binary;
using Coco.Traversal;

namespace Coco.Transport.Udp;

/// <summary>
/// A <see cref="NetworkAddress"/> as the system's socket address. What follows the two bytes of the family is the same on Linux,
/// Windows, macOS and the BSDs:
/// <code>
/// sockaddr_in   family(2) port(2, network order) address(4) zero(8)
/// sockaddr_in6  family(2) port(2, network order) flowinfo(4) address(16) scope(4, host order)
/// </code>
/// </summary>
internal static class SocketAddressBytes
{
    /// <summary>Bytes of the largest that is written or read (struct sockaddr_in6).</summary>
    public const int MaxSize = 28;

    private const int Ipv4Size = 16;

    /// <summary>Writes all but the family; answers the size of the whole. An IPv4 socket takes IPv4 addresses only.</summary>
    public static int Write(in NetworkAddress address, Span<byte> destination, bool ipv6Socket)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)address.Port);
        if (!ipv6Socket)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], address.Ipv4);
            destination[8..Ipv4Size].Clear();
            return Ipv4Size;
        }

        destination[4..8].Clear();
        address.WriteIpv6(destination[8..]);
        BitConverter.TryWriteBytes(destination[24..], address.Scope);
        return MaxSize;
    }

    public static NetworkAddress Read(ReadOnlySpan<byte> source, bool ipv6Socket)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        return ipv6Socket
            ? NetworkAddress.FromIpv6(source.Slice(8, 16), port, BitConverter.ToUInt32(source[24..]))
            : NetworkAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(source[4..]), port);
    }
}
