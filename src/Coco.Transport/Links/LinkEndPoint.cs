using System.Net;
using System.Net.Sockets;
using Coco.Traversal;

namespace Coco.Transport.Links;

/// <summary>Between the platform's addresses and ours.</summary>
internal static class LinkEndPoint
{
    public static NetworkAddress ToAddress(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        var scope = endPoint.AddressFamily is AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        return NetworkAddress.FromIpv6(bytes, endPoint.Port, scope);
    }

    public static IPEndPoint ToEndPoint(in NetworkAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteIpv6(bytes);
        return new(address.IsIpv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, address.Scope), address.Port);
    }
}
