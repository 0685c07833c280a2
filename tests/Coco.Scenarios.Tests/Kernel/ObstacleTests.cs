using System.Net;
using System.Net.Sockets;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>What routers do not let through, and what a host sees of it.</summary>
public sealed class ObstacleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocked_udp_vanishes_until_it_is_unblocked()
    {
        using var internet = KernelLab.Create();
        var (server, home, host) = Home(internet, NatKind.UdpBlocked);
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);

        Assert.False(await socket.ReachesAsync(remote, remote.Local));
        home.SetObstacles(Obstacles.None);
        Assert.True(await socket.ReachesAsync(remote, remote.Local));
        home.SetObstacles(Obstacles.Udp);
        Assert.False(await socket.ReachesAsync(remote, remote.Local));
        Assert.Equal("open", await DialAsync(host, server, 443));
    }

    [Fact]
    public async Task Rejected_udp_is_an_error_of_a_connected_socket()
    {
        using var internet = KernelLab.Create();
        var (server, _, host) = Home(internet, NatKind.PortRestricted, new() { Obstacles = Obstacles.UdpRejected });
        using var socket = host.CreateSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server.Address, 5000, Cancellation);

        var failure = await Assert.ThrowsAsync<SocketException>(() => SendUntilItFailsAsync(socket, 10));
        Assert.Equal(SocketError.HostUnreachable, failure.SocketErrorCode);
    }

    [Fact]
    public async Task Only_tcp_443_leaves_where_only_that_may()
    {
        using var internet = KernelLab.Create();
        var (server, home, host) = Home(internet, NatKind.Open);
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(remote);
        home.SetObstacles(Obstacles.AllButTcp443);

        Assert.False(await socket.ReachesAsync(remote, remote.Local));
        Assert.False(await remote.ReachesAsync(socket, outer));
        Assert.Equal("open", await DialAsync(host, server, 443));
        Assert.Equal("refused", await DialAsync(host, server, 8443));
    }

    [Theory]
    [InlineData(0x3F, true)]
    [InlineData(0x40, false)]
    [InlineData(0x80, false)]
    [InlineData(0xC3, false)]
    [InlineData(0x04, true)]
    public async Task What_looks_like_quic_vanishes_by_its_first_byte(byte first, bool passes)
    {
        using var internet = KernelLab.Create();
        var (server, _, host) = Home(internet, NatKind.PortRestricted, new() { Obstacles = Obstacles.QuicLooking });
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);

        socket.Socket.SendTo([first, 1, 2, 3], remote.Local);
        Assert.Equal(passes, await remote.TryReceiveAsync(passes ? TimeSpan.FromSeconds(5) : TimeSpan.FromMilliseconds(200)) is not null);
    }

    [Theory]
    [InlineData(Obstacles.UdpOut)]
    [InlineData(Obstacles.UdpIn)]
    public async Task A_flow_dies_one_way(Obstacles way)
    {
        using var internet = KernelLab.Create();
        var (server, home, host) = Home(internet, NatKind.PortRestricted);
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(remote);
        home.SetObstacles(way);

        Assert.Equal(way is Obstacles.UdpIn, await socket.ReachesAsync(remote, remote.Local));
        Assert.Equal(way is Obstacles.UdpOut, await remote.ReachesAsync(socket, outer));
    }

    [Fact]
    public async Task A_direct_path_dies_one_way_while_others_live_on()
    {
        using var internet = KernelLab.Create();
        var relay = internet.AddServer("relay");
        var (server, home, host) = Home(internet, NatKind.Open);
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var other = new LabSocket(relay, local: new(relay.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(remote);
        internet.Sever(server.Address, home.OuterAddress);

        Assert.False(await remote.ReachesAsync(socket, outer));
        Assert.True(await socket.ReachesAsync(remote, remote.Local));
        Assert.True(await other.ReachesAsync(socket, outer));
        internet.Mend();
        Assert.True(await remote.ReachesAsync(socket, outer));
    }

    [Fact]
    public async Task Ipv6_lives_where_ipv4_is_dead()
    {
        using var internet = KernelLab.Create();
        var (server, _, host) = Home(internet, NatKind.PortRestricted, new() { Obstacles = Obstacles.Ipv4, Ipv6 = Ipv6Access.Firewalled });
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var remote6 = new LabSocket(server, local: new(server.Ipv6Address, 0));
        using var socket = new LabSocket(host);
        using var socket6 = new LabSocket(host, AddressFamily.InterNetworkV6);

        Assert.False(await socket.ReachesAsync(remote, remote.Local));
        Assert.Equal(host.Ipv6Address, (await socket6.ReachAsync(remote6)).Address);
    }

    [Theory]
    [InlineData(Ipv6Access.Firewalled, false)]
    [InlineData(Ipv6Access.FirewalledEndpointIndependent, true)]
    public async Task A_third_party_passes_an_ipv6_firewall_only_where_that_asks_nothing_of_it(Ipv6Access access, bool passes)
    {
        using var internet = KernelLab.Create();
        var (server, _, host) = Home(internet, NatKind.PortRestricted, new() { Ipv6 = access });
        using var remote = new LabSocket(server, local: new(server.Ipv6Address, 0));
        using var third = new LabSocket(server, local: new(server.Ipv6Address, 0));
        using var socket = new LabSocket(host, AddressFamily.InterNetworkV6);
        using var silent = new LabSocket(host, AddressFamily.InterNetworkV6);
        var seen = await socket.ReachAsync(remote);

        Assert.True(await remote.ReachesAsync(socket, seen));
        Assert.Equal(passes, await third.ReachesAsync(socket, seen));
        Assert.False(await third.ReachesAsync(silent, new(host.Ipv6Address, silent.Local.Port)));
    }

    internal static async Task SendUntilItFailsAsync(Socket socket, int size)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 100; i++)
        {
            await socket.SendAsync(new byte[size], Cancellation);
            await pulse.WaitForNextTickAsync(Cancellation);
        }
    }

    private static (KernelHost Server, KernelRouter Home, KernelHost Host) Home(KernelInternet internet, NatKind kind, HomeOptions? options = null)
    {
        var server = internet.AddServer("server");
        var home = internet.AddHome("home", kind, options);
        var host = home.AddHost("host");
        internet.Start();
        return (server, home, host);
    }

    private static async Task<string> DialAsync(KernelHost host, KernelHost server, int port)
    {
        using var listener = server.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(server.Address, port));
        listener.Listen();
        using var caller = host.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await caller.ConnectAsync(server.Address, port, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
            return "open";
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return "refused";
        }
    }
}
