using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>A host on a <see cref="FlatNetwork"/>, with a socket for each of its addresses.</summary>
internal sealed class FlatHost : IFlatHost
{
    private readonly FlatNetwork _network;
    private readonly byte[] _buffer = new byte[65_536];

    public FlatHost(FlatNetwork network, RoamingOptions options, RandomSource random, IReadOnlyList<NetworkAddress> addresses)
    {
        _network = network;
        Addresses = addresses;
        Endpoint = new(options, random);
        Endpoint.HandleNetwork(
            new(
                [.. addresses.Select((address, i) => new LocalSocket(i, address.IsIpv4, !address.IsIpv4, address.Port))],
                [.. addresses.Select((address, i) => new InterfaceAddress(address.WithPort(0), 24, i, $"eth{i}", HasDefaultRoute: true))]),
            network.Now);
    }

    public IReadOnlyList<NetworkAddress> Addresses { get; }

    public RoamingEndpoint Endpoint { get; }

    public List<HostCommand> Commands { get; } = [];

    public TimeSpan Deadline => Endpoint.Deadline ?? TimeSpan.MaxValue;

    public void HandleDatagrams(in Link link, byte[] data, int segmentSize)
    {
        Endpoint.HandleDatagrams(link, data, segmentSize, EcnCodepoint.NotEct, _network.Now);
        while (Endpoint.TryTakeForward(out var forward, out var offset)) { _network.Send(Addresses[forward.Link.Number], forward, data.AsSpan(offset, forward.Length)); }
    }

    public void HandleTimeout() => Endpoint.HandleTimeout(_network.Now);

    public void Drain()
    {
        var sent = 0;
        while (Endpoint.TryTakeTransmit(_buffer, _network.Now, out var transmit))
        {
            Assert.True(++sent < 10_000, $"there is no end to what is sent: {transmit}, first byte {_buffer[0]}");
            _network.Send(Addresses[transmit.Link.Number], transmit, _buffer.AsSpan(0, transmit.Length));
        }
        while (Endpoint.TryTakeCommand(out var command))
        {
            Commands.Add(command);
            // There is nothing but UDP here.
            if (command is HostCommand.OpenTcp tcp) { Endpoint.HandleLinkFailed(tcp.Request, LinkFailure.Refused, _network.Now); }
            else if (command is HostCommand.OpenWebSocket socket) { Endpoint.HandleLinkFailed(socket.Request, LinkFailure.Refused, _network.Now); }
            else if (command is HostCommand.OpenSockets sockets) { Endpoint.HandleSocketsOpened(sockets.Request, [], _network.Now); }
        }
    }
}
