using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>TCP and WebSocket links, and what networks do to them.</summary>
public sealed class TcpTests
{
    private const int TcpPort = 4040;

    private readonly SimulatedInternet _internet = new(5);
    private readonly SimulatedHost _serverHost;
    private readonly LinkProgram _server = new();
    private readonly SimulatedNode _serverNode;

    public TcpTests()
    {
        _serverHost = _internet.AddHost("relay", "198.51.100.10");
        _internet.Names["relay.example"] = _serverHost.Address;
        _serverNode = new SimulatedNode(_serverHost, _server, new() { TcpPort = TcpPort, WebSocketPort = 443 }).Start();
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.03, 0.0)]
    [InlineData(0.2, 0.2)]
    public void Every_datagram_arrives_once_and_in_order(double loss, double reorder)
    {
        var (client, node) = Start(NatKind.PortPreserving);
        node.Host.Interfaces[0].Cable.Change(options => options with { Loss = loss, Reorder = reorder });
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        Assert.True(_internet.RunUntil(() => client.Opened.Count == 1 && _server.Accepted.Count == 1, TimeSpan.FromSeconds(20)));

        node.Act(_ =>
        {
            for (var i = 0; i < 200; i++) { client.SendOn(client.Opened[0], BitConverter.GetBytes(i)); }
        });
        Assert.True(_internet.RunUntil(() => _server.Arrived.Count >= 200, TimeSpan.FromMinutes(2)), $"{_server.Arrived.Count} of 200");
        _internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(Enumerable.Range(0, 200), _server.Arrived.Select(data => BitConverter.ToInt32(data)));
    }

    [Fact]
    public void Closed_link_is_closed_at_the_other_end_after_what_was_sent_on_it()
    {
        var (client, node) = Start(NatKind.Symmetric);
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        node.Act(_ => client.SendOn(client.Opened[0], [7]));
        node.Act(_ => client.Close(client.Opened[0]));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([7], Assert.Single(_server.Arrived));
        Assert.Equal(_server.Accepted, _server.Closed);
        Assert.Empty(client.Closed);
    }

    [Fact]
    public void Nobody_listening_refuses_and_nobody_there_times_out()
    {
        var (client, node) = Start(NatKind.None);
        node.Act(_ => client.OpenTcp("198.51.100.10:9999"));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([LinkFailure.Refused], client.Failed);
        node.Act(_ => client.OpenTcp("198.51.100.99:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal([LinkFailure.Refused, LinkFailure.TimedOut], client.Failed);
    }

    [Theory]
    [InlineData(NatKind.PortPreserving, NatKind.PortPreserving, true)]
    [InlineData(NatKind.PortPreserving, NatKind.PortRestricted, true)]
    [InlineData(NatKind.UdpBlocked, NatKind.UdpBlocked, true)]
    [InlineData(NatKind.Firewall, NatKind.Open, true)]
    [InlineData(NatKind.Symmetric, NatKind.PortPreserving, false)]
    public void Simultaneous_open_connects_where_ports_are_kept(NatKind one, NatKind other, bool connects)
    {
        var (a, nodeA) = Start(one, 1);
        var (b, nodeB) = Start(other, 2);
        nodeA.Act(_ => a.OpenTcp("203.0.113.2:4040", fromListeningPort: true));
        nodeB.Act(_ => b.OpenTcp("203.0.113.1:4040", fromListeningPort: true));
        _internet.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(connects, a.Any is not null && b.Any is not null);
        if (!connects) { return; }

        nodeA.Act(_ => a.SendOn(a.Any!.Value, [1]));
        nodeB.Act(_ => b.SendOn(b.Any!.Value, [2]));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([2], Assert.Single(a.Arrived));
        Assert.Equal([1], Assert.Single(b.Arrived));
    }

    [Fact]
    public void Who_dials_after_the_other_has_found_the_listener_is_answered_with_that_link()
    {
        var (a, nodeA) = Start(NatKind.None, 1);
        var (b, nodeB) = Start(NatKind.None, 2);
        nodeA.Act(_ => a.OpenTcp("203.0.113.2:4040", fromListeningPort: true));
        _internet.RunFor(TimeSpan.FromMilliseconds(6));
        nodeB.Act(_ => b.OpenTcp("203.0.113.1:4040", fromListeningPort: true));
        _internet.RunFor(TimeSpan.FromSeconds(5));
        nodeB.Act(_ => b.OpenTcp("203.0.113.1:4040", fromListeningPort: true));
        _internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.Single(a.Opened);
        Assert.Equal([b.Accepted[0], b.Accepted[0]], b.Opened);
        Assert.Empty(a.Failed.Concat(b.Failed));
    }

    [Theory]
    [InlineData(true, 0.1)]
    [InlineData(false, 10.0)]
    public void Where_only_443_passes_a_websocket_opens_and_tcp_elsewhere_does_not(bool resets, double secondsToRefusal)
    {
        var (client, node) = Start(NatKind.UdpBlocked, change: options => options with { TcpPorts = [443], ResetsTcp = resets });
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        node.Act(_ => client.OpenWebSocket("wss://relay.example/coco"));
        _internet.RunFor(TimeSpan.FromSeconds(secondsToRefusal - 0.05));
        Assert.Equal(LinkKind.WebSocket, Assert.Single(client.Opened).Kind);
        Assert.Equal(LinkKind.WebSocket, Assert.Single(_server.Accepted).Kind);
        _internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal([resets ? LinkFailure.Refused : LinkFailure.TimedOut], client.Failed);
    }

    [Fact]
    public void Websocket_opens_through_a_proxy_where_nothing_else_passes()
    {
        var read = new List<byte[]>();
        var (client, node) = StartBehindProxy("relay.example", read.Add);
        Assert.Equal(LinkKind.WebSocket, Assert.Single(client.Opened).Kind);
        Assert.Equal("198.51.100.80", Assert.Single(_server.Accepted).Remote.HostText);

        node.Act(_ => client.SendOn(client.Opened[0], [1, 2, 3]));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 3], Assert.Single(_server.Arrived));
        Assert.Equal([1, 2, 3], Assert.Single(read));
        _serverNode.Act(_ => _server.Close(_server.Accepted[0]));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(client.Opened, client.Closed);
    }

    [Fact]
    public void Proxy_refuses_what_it_cannot_reach()
    {
        var (client, _) = StartBehindProxy("nowhere.example");
        Assert.Equal([LinkFailure.ProxyRefused], client.Failed);
    }

    [Fact]
    public void Captive_portal_answers_in_the_servers_place_and_no_link_opens()
    {
        var portal = _internet.AddHost("portal", "198.51.100.90");
        SimulatedProxy.ServePortal(portal, 80);
        var (client, node) = Start(NatKind.UdpBlocked, change: options => options with { TcpPortal = portal.Address.WithPort(80) });
        node.Act(_ => client.OpenWebSocket("wss://relay.example/coco"));
        _internet.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal([LinkFailure.NotARelay], client.Failed);
        Assert.Empty(_server.Accepted);
    }

    [Fact]
    public void Link_of_a_stranger_is_closed_after_ten_seconds()
    {
        var (client, node) = Start(NatKind.None);
        var careful = new LinkProgram { KeepsLinks = false };
        _ = new SimulatedNode(_internet.AddHost("careful", "198.51.100.20"), careful, new() { TcpPort = TcpPort }).Start();
        node.Act(_ => client.OpenTcp("198.51.100.20:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(9));
        Assert.Empty(client.Closed);
        _internet.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((1, 1), (client.Closed.Count, careful.Closed.Count));
    }

    [Fact]
    public void Link_of_a_process_that_died_is_closed_at_the_other_end()
    {
        var (client, node) = Start(NatKind.PortPreserving);
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        _serverNode.Stop();
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(client.Opened, client.Closed);
    }

    [Fact]
    public void Link_whose_cable_is_pulled_ends_when_it_has_something_to_say()
    {
        var (client, node) = Start(NatKind.PortPreserving);
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        node.Host.Interfaces[0].Cable.IsUnplugged = true;
        _internet.RunFor(TimeSpan.FromMinutes(5));
        Assert.Empty(client.Closed);
        node.Act(_ => client.SendOn(client.Opened[0], [1]));
        _internet.RunFor(TimeSpan.FromMinutes(5));
        Assert.Equal(client.Opened, client.Closed);
    }

    [Fact]
    public void Slow_line_is_filled_and_what_does_not_fit_is_refused()
    {
        var (client, node) = Start(NatKind.PortPreserving);
        node.Host.Interfaces[0].Cable.Change(options => options with { BytesPerSecond = 125_000, MaxQueue = TimeSpan.FromMilliseconds(100) });
        node.Act(_ => client.OpenTcp("198.51.100.10:4040"));
        _internet.RunFor(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 1000; i++)
        {
            node.Act(_ => client.SendOn(client.Opened[0], new byte[1199]));
            _internet.RunFor(TimeSpan.FromMilliseconds(5));
        }
        // 5 s at 1 Mb/s are 504 segments of 1,240 bytes; twice as many were offered.
        Assert.InRange(_server.Arrived.Count, 430, 510);
    }

    private (LinkProgram Program, SimulatedNode Node) Start(NatKind kind, int number = 1, Func<RouterOptions, RouterOptions>? change = null)
    {
        var program = new LinkProgram();
        return (program, new SimulatedNode(SimulatedHome.Add(_internet, kind, number, change).Host, program, new() { TcpPort = TcpPort }).Start());
    }

    private (LinkProgram Client, SimulatedNode Node) StartBehindProxy(string name, Action<byte[]>? reads = null)
    {
        var home = SimulatedHome.Add(_internet, NatKind.UdpBlocked, 1, options => options with { TcpPorts = [] });
        var proxy = _internet.AddHost("proxy");
        proxy.Attach(home.Router!.Inside, new(), 24, "192.168.1.80").HasDefaultRoute = false;
        proxy.Attach(_internet.Net, "198.51.100.80");
        SimulatedProxy.Serve(proxy, 3128, reads);
        var client = new LinkProgram();
        var node = new SimulatedNode(home.Host, client).Start();
        home.Host.HttpProxy = SimulatedInternet.Address("192.168.1.80:3128");
        node.Act(_ => client.OpenWebSocket($"wss://{name}/coco"));
        _internet.RunFor(TimeSpan.FromSeconds(2));
        return (client, node);
    }
}
