using System.Net;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Transport;
using Coco.Transport.Udp;

namespace Coco.Cli.Demo.Claims;

/// <summary>One node: a fresh identity and a socket on loopback. It opens more, as a device does that changes networks.</summary>
internal sealed class DemoNode : IDisposable
{
    private readonly List<UdpChannel> _sockets = [];

    public DemoNode(Func<EndpointOptions, EndpointOptions>? configure = null)
    {
        var options = new EndpointOptions { Identities = [Key] };
        var socket = UdpChannel.Bind(new(IPAddress.Loopback, 0));
        _sockets.Add(socket);
        Host = new(socket, configure?.Invoke(options) ?? options);
    }

    public IdentityKey Key { get; } = IdentityKey.Generate();

    public NodeId Id => Key.Id;

    public QuicHost Host { get; }

    /// <summary>The number of the socket in use, the newest.</summary>
    public int Socket => _sockets.Count - 1;

    public IPEndPoint Address => _sockets[Socket].LocalEndPoint;

    public QuicConnection Connect(IPEndPoint remote, NodeId expected) =>
        Host.Endpoint.Connect(Host.PathTo(remote, Socket), new(expected, Key), Host.Now);

    /// <summary>Opens another socket and answers the path from it to the peer.</summary>
    public PathInfo OpenSocketTowards(IPEndPoint remote)
    {
        _sockets.Add(UdpChannel.Bind(new(IPAddress.Loopback, 0)));
        Host.AddChannel(_sockets[^1]);
        return Host.PathTo(remote, Socket);
    }

    public void Dispose()
    {
        Host.Dispose();
        Key.Dispose();
    }
}
