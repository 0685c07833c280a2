using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Lab.Kernel;

/// <summary>A namespace as an endpoint's network: <c>Endpoint.StartAsync(options, new NamespaceNetwork(space))</c> runs a node there.</summary>
internal sealed class NamespaceNetwork(NetNamespace space) : HostNetwork
{
    public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options)
    {
        var socket = space.CreateUdpSocket(local.AddressFamily);
        try
        {
            if (local.AddressFamily is AddressFamily.InterNetworkV6) { socket.DualMode = local.Address.Equals(IPAddress.IPv6Any); }
            socket.Bind(local);
            return UdpChannel.Open(socket, options);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override Socket CreateTcpSocket(AddressFamily family) => space.CreateSocket(family, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>What `ip` tells inside.</summary>
    public override IReadOnlyList<InterfaceAddress> GetInterfaces()
    {
        var defaults = DefaultDevices("-4").Select(device => (device, "inet")).Concat(DefaultDevices("-6").Select(device => (device, "inet6"))).ToHashSet();
        using var links = JsonDocument.Parse(space.Run("ip", "-json", "addr", "show", "up"));
        return [.. links.RootElement.EnumerateArray().SelectMany(link => AddressesOf(link, defaults)).OrderByDescending(address => address.HasDefaultRoute)];
    }

    /// <summary>Tells the endpoint that the network has changed, as the system would.</summary>
    public void Announce() => OnChanged();

    protected override void Dispose(bool disposing)
    {
    }

    private IEnumerable<string> DefaultDevices(string family)
    {
        using var routes = JsonDocument.Parse(space.Run("ip", family, "-json", "route", "show", "default") is { Length: > 0 } text ? text : "[]");
        return [.. routes.RootElement.EnumerateArray().Where(route => route.TryGetProperty("dev", out _)).Select(route => route.GetProperty("dev").GetString()!)];
    }

    private static IEnumerable<InterfaceAddress> AddressesOf(JsonElement link, HashSet<(string Device, string Family)> defaults)
    {
        if (!link.TryGetProperty("ifname", out var nameProperty) || nameProperty.GetString() is not { } name || name == "lo") { yield break; }
        foreach (var address in link.GetProperty("addr_info").EnumerateArray())
        {
            // One that is still being checked for duplicates cannot be bound or sent from.
            if (address.TryGetProperty("tentative", out _)) { continue; }
            var index = link.GetProperty("ifindex").GetInt32();
            var ip = IPAddress.Parse(address.GetProperty("local").GetString()!);
            if (ip.IsIPv6LinkLocal) { ip.ScopeId = index; }
            yield return new(
                ip.ToNetworkAddress(),
                address.GetProperty("prefixlen").GetInt32(),
                index,
                name,
                defaults.Contains((name, address.GetProperty("family").GetString()!)),
                Convert.ToInt32(link.GetProperty("mtu").GetInt64(), CultureInfo.InvariantCulture));
        }
    }
}
