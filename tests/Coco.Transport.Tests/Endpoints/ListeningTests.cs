using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>UDP and TCP on one port, where other programs have ports too.</summary>
[Collection("alone")] // the listeners of other tests are other programs' too
public sealed class ListeningTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public async Task A_port_that_another_program_listens_on_by_TCP_is_not_taken_where_others_are_free(int taken, bool isListening)
    {
        using var identity = IdentityKey.Generate();
        using var network = new CrowdedNetwork(taken);
        await using var endpoint = await Endpoint.StartAsync(
            new() { Identities = [identity], ListenAddresses = [new(IPAddress.Loopback, 0)] }, network);

        Assert.Equal(isListening ? taken + 1 : taken, network.Chosen);
        Assert.Equal(isListening, !network.IsTaken(endpoint.LocalEndPoints[0].Port));
        using var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync(endpoint.LocalEndPoints[0]); // by somebody in any case
    }

    [Fact]
    public async Task A_port_that_was_asked_for_is_kept_although_TCP_has_it_in_use()
    {
        using var identity = IdentityKey.Generate();
        using var network = new CrowdedNetwork(1);
        await using var endpoint = await Endpoint.StartAsync(
            new() { Identities = [identity], ListenAddresses = [new(IPAddress.Loopback, network.TakenPort)] }, network);

        Assert.Equal(network.TakenPort, endpoint.LocalEndPoints[0].Port);
    }

    [Fact]
    public async Task Peers_are_told_no_address_at_which_nothing_is_received()
    {
        using var relayKey = IdentityKey.Generate();
        using var identity = IdentityKey.Generate();
        await using var relay = await Endpoint.StartAsync(new() { Identities = [relayKey], ListenAddresses = [new(IPAddress.Loopback, 0)], RelayServer = new() });
        await using var endpoint = await Endpoint.StartAsync(
            new()
            {
                Identities = [identity],
                ListenAddresses = [new(IPAddress.Loopback, 0)],
                Relays = [new(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()])],
            });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (endpoint.Record is not { Relays.Count: 1 }) { await Task.Delay(5, patience.Token); }

        Assert.Equal([endpoint.LocalEndPoints[0].ToNetworkAddress()], endpoint.Record.Addresses);
    }

    /// <summary>The first ports that the system chooses are in use by TCP, and the one after those is not.</summary>
    private sealed class CrowdedNetwork : HostNetwork
    {
        private readonly List<Socket> _others = [];
        private readonly Socket _free; // bound and not listening: nobody else is given its port, and who reuses addresses may listen there

        public CrowdedNetwork(int taken)
        {
            _free = Bind();
            while (_others.Count < taken)
            {
                var other = Bind();
                other.Listen();
                _others.Add(other);
            }
        }

        public int Chosen { get; private set; }

        public int TakenPort => PortOf(_others[0]);

        public bool IsTaken(int port) => _others.Exists(other => PortOf(other) == port);

        public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options)
        {
            if (local.Port != 0) { return UdpChannel.Bind(local, options); }
            var chosen = Chosen < _others.Count ? _others[Chosen] : _free;
            Chosen++;
            return UdpChannel.Bind(new(local.Address, PortOf(chosen)), options);
        }

        public override Socket CreateTcpSocket(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

        public override IReadOnlyList<InterfaceAddress> GetInterfaces() => [];

        protected override void Dispose(bool disposing)
        {
            foreach (var other in _others) { other.Dispose(); }
            _free.Dispose();
        }

        private static Socket Bind()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }

        private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
