using System.Net;
using System.Net.Sockets;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Cli.Demo.Claims;

/// <summary>This machine as if it had no network but loopback, so that no packet of the demo leaves it.</summary>
/// <param name="admits">Who looks at what arrives, on the endpoint's thread; null for nobody.</param>
internal sealed class LoopbackNetwork(WatchedChannel.Guard? admits = null) : HostNetwork
{
    public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options)
    {
        var channel = UdpChannel.Bind(new(IPAddress.Loopback, local.Port), options);
        return admits is null ? channel : new WatchedChannel(channel, admits);
    }

    public override Socket CreateTcpSocket(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    public override IReadOnlyList<InterfaceAddress> GetInterfaces() =>
        [new(IPAddress.Loopback.ToNetworkAddress(), PrefixLength: 8, InterfaceIndex: 1, "lo", HasDefaultRoute: true)];

    /// <summary>Tells the endpoint that its network is another now.</summary>
    public void Announce() => OnChanged();

    protected override void Dispose(bool disposing)
    {
    }
}
