using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Coco.Traversal;

namespace Coco.Transport.Udp;

/// <summary>Between .NET's addresses and those of the cores.</summary>
internal static class EndPointExtensions
{
    public static NetworkAddress ToNetworkAddress(this IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint.Address.ToNetworkAddress(endPoint.Port);
    }

    public static NetworkAddress ToNetworkAddress(this IPAddress address, int port = 0)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length)) { throw new ArgumentException($"{address} is neither IPv4 nor IPv6.", nameof(address)); }
        return length == 4
            ? NetworkAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port)
            : NetworkAddress.FromIpv6(bytes, port, (uint)address.ScopeId);
    }

    public static IPAddress ToIPAddress(this in NetworkAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteIpv6(bytes);
        return address.IsIpv4 ? new(bytes[12..]) : new(bytes, address.Scope);
    }

    public static IPEndPoint ToIPEndPoint(this in NetworkAddress address) => new(address.ToIPAddress(), address.Port);

    public static AddressFamily GetAddressFamily(this in NetworkAddress address) =>
        address.IsIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
}
