using System.Net.NetworkInformation;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.PortMapping;

namespace Coco.Transport.PortMapping;

/// <summary>Finds this machine's default routers and our addresses towards them.</summary>
internal static class DefaultGateways
{
    /// <summary>The routers, the preferred one first.</summary>
    public static IReadOnlyList<PortGateway> Read()
    {
        var interfaces = SystemInterfaces.Read();
        var routers = OperatingSystem.IsLinux() ? ReadLinux() : ReadPortable();
        return Match(routers, interfaces);
    }

    /// <summary>Pairs each router with the address of ours that it would map.</summary>
    public static IReadOnlyList<PortGateway> Match(IEnumerable<(string InterfaceName, NetworkAddress Router)> routers, IReadOnlyList<InterfaceAddress> interfaces)
    {
        var gateways = new List<PortGateway>();
        foreach (var (name, router) in routers)
        {
            var own = interfaces
                .Where(one => one.InterfaceName == name && one.Address.IsIpv4 == router.IsIpv4 && (router.IsIpv4 || !one.Address.IsPrivate))
                .OrderByDescending(one => one.Address.SharesPrefix(router, one.PrefixLength))
                .FirstOrDefault();
            if (own.InterfaceName is null || router.IsUnspecified) { continue; }
            var gateway = new PortGateway(WithZone(router, own.InterfaceIndex), own.Address.WithPort(0), own.PrefixLength);
            if (!gateways.Contains(gateway)) { gateways.Add(gateway); }
        }
        return gateways;
    }

    private static IEnumerable<(string, NetworkAddress)> ReadLinux() =>
        LinuxRoute.ParseIpv4(ReadFile("/proc/net/route")).Concat(LinuxRoute.ParseIpv6(ReadFile("/proc/net/ipv6_route")))
            .Select(route => (route.InterfaceName, route.Gateway));

    private static IEnumerable<(string, NetworkAddress)> ReadPortable()
    {
        try
        {
            return [.. from card in NetworkInterface.GetAllNetworkInterfaces()
                       where card.OperationalStatus is OperationalStatus.Up
                       from gateway in card.GetIPProperties().GatewayAddresses
                       select (card.Name, gateway.Address.ToNetworkAddress())];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    // RFC 4007: a link-local router is one on this interface.
    private static NetworkAddress WithZone(in NetworkAddress router, int index)
    {
        if (router.IsIpv4 || !router.IsLinkLocal || router.Scope != 0) { return router; }
        Span<byte> bytes = stackalloc byte[16];
        router.WriteIpv6(bytes);
        return NetworkAddress.FromIpv6(bytes, 0, (uint)index);
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // no IPv6, or a container that hides it
        }
    }
}
