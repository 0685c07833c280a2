using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Lifetimes of mappings, routers that change, firewalls.</summary>
public sealed class RouterTests
{
    private readonly SimulatedInternet _internet = new(1);
    private readonly SimulatedHost _server;
    private readonly TestSocket _observer;

    public RouterTests()
    {
        _server = _internet.AddHost("server", "198.51.100.10");
        _observer = new(_server, 3478);
    }

    // Time-outs of 2 and 5 s, as the kernel was measured with.
    [Theory]
    [InlineData(1.9, true)]
    [InlineData(2.2, false)]
    public void Flow_that_nobody_answered_lives_the_short_time(double idleSeconds, bool lives)
    {
        var (socket, outer) = BehindShortLived(NatKind.PortPreserving);
        Idle(idleSeconds);
        Assert.Equal(lives, _observer.Reaches(socket, outer));
    }

    [Theory]
    [InlineData(1.5, true)]
    [InlineData(2.5, false)]
    public void Flow_answered_within_moments_still_lives_the_short_time(double idleSeconds, bool lives)
    {
        var (socket, outer) = BehindShortLived(NatKind.PortPreserving);
        Assert.True(_observer.Reaches(socket, outer));
        Idle(idleSeconds);
        Assert.Equal(lives, _observer.Reaches(socket, outer));
    }

    [Theory]
    [InlineData(4.3, true)]
    [InlineData(5.5, false)]
    public void Flow_used_both_ways_for_more_than_two_seconds_lives_the_long_time(double idleSeconds, bool lives)
    {
        var (socket, outer) = BehindShortLived(NatKind.PortPreserving);
        for (var i = 0; i < 6; i++)
        {
            Assert.True(_observer.Reaches(socket, outer));
            socket.SeenBy(_observer);
        }
        Idle(idleSeconds);
        Assert.Equal(lives, _observer.Reaches(socket, outer));
    }

    [Theory]
    [InlineData(4.8, true)]
    [InlineData(5.3, false)]
    public void Endpoint_independent_mapping_lets_others_in_until_nothing_has_gone_out_for_the_long_time(double idleSeconds, bool lives)
    {
        var (socket, outer) = BehindShortLived(NatKind.Open);
        Idle(idleSeconds);
        Assert.Equal(lives, new TestSocket(_server).Reaches(socket, outer));
    }

    [Theory]
    [InlineData(NatKind.PortPreserving, true)]
    [InlineData(NatKind.Open, false)]
    [InlineData(NatKind.PortRestricted, false)]
    public void After_expiry_a_masquerade_gives_the_same_port_and_the_others_a_new_one(NatKind kind, bool isSame)
    {
        var (socket, outer) = BehindShortLived(kind);
        Idle(30);
        Assert.Equal(isSame, socket.SeenBy(_observer) == outer);
    }

    [Fact]
    public void Rebooted_router_has_forgotten_everything()
    {
        var home = SimulatedHome.Add(_internet, NatKind.PortRestricted, 1);
        var socket = new TestSocket(home.Host);
        var outer = socket.SeenBy(_observer);
        Assert.True(_observer.Reaches(socket, outer));
        home.Router!.Reboot();
        Assert.False(_observer.Reaches(socket, outer));
        Assert.NotEqual(outer, socket.SeenBy(_observer));
    }

    [Fact]
    public void New_outer_address_is_where_the_next_packet_comes_from()
    {
        var home = SimulatedHome.Add(_internet, NatKind.PortPreserving, 1);
        var socket = new TestSocket(home.Host);
        var before = socket.SeenBy(_observer);
        home.Router!.ChangeOuterAddress("203.0.113.1", "203.0.113.77");
        var after = socket.SeenBy(_observer);
        Assert.Equal(("203.0.113.77", before.Port), (after.HostText, after.Port));
        Assert.True(_observer.Reaches(socket, after));
        Assert.False(_observer.Reaches(socket, before));
    }

    [Fact]
    public void Host_that_moves_home_is_seen_elsewhere_and_its_socket_goes_on()
    {
        var (first, second) = (SimulatedHome.Add(_internet, NatKind.PortPreserving, 1), SimulatedHome.Add(_internet, NatKind.PortPreserving, 2));
        var told = 0;
        first.Host.NetworkChanged = () => told++;
        var socket = new TestSocket(first.Host);
        Assert.Equal("203.0.113.1", socket.SeenBy(_observer).HostText);
        first.Host.MoveTo(second.Router!.Inside, "192.168.2.33");
        Assert.Equal(1, told);
        Assert.Equal("203.0.113.2", socket.SeenBy(_observer).HostText);
    }

    [Fact]
    public void Unplugged_host_cannot_send()
    {
        var home = SimulatedHome.Add(_internet, NatKind.PortPreserving, 1);
        var socket = new TestSocket(home.Host);
        home.Host.Detach(home.Host.Interfaces[0]);
        Assert.False(socket.Send(_server.Address.WithPort(3478)));
        Assert.Empty(home.Host.Snapshot([]).Interfaces);
    }

    [Fact]
    public void Forwarded_port_lets_everybody_in_until_it_is_taken_back()
    {
        var home = SimulatedHome.Add(_internet, NatKind.PortPreserving, 1);
        var socket = new TestSocket(home.Host, 6000);
        var outer = home.Router!.Forward(PacketProtocol.Udp, 7000, home.Host.Address.WithPort(6000));
        Assert.True(_observer.Reaches(socket, outer));
        Assert.True(socket.Reaches(_observer, socket.Arrived[^1].From));
        Assert.Equal(outer, _observer.Arrived[^1].From);

        home.Router.StopForwarding(PacketProtocol.Udp, outer);
        Assert.False(new TestSocket(_server).Reaches(socket, outer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ipv6_firewall_lets_in_what_was_sent_to_or_everybody_to_open_ports(bool isOpen)
    {
        var v6 = new TestSocket(_internet.AddHost("v6 server", "2001:db8::10"), 3478, isIpv4: false);
        var stranger = new TestSocket(_internet.AddHost("stranger", "2001:db8::20"), isIpv4: false);
        var options = new RouterOptions { Ipv6Filtering = isOpen ? NatFiltering.EndpointIndependent : NatFiltering.AddressAndPortDependent };
        var router = _internet.AddRouter("router", options, "203.0.113.1");
        var host = _internet.AddHost("host");
        host.Attach(router.Inside, "192.168.1.10", "2001:db8:1::5");
        var socket = new TestSocket(host, 5000, isIpv4: false);
        var own = SimulatedInternet.Address("[2001:db8:1::5]:5000");

        Assert.False(v6.Reaches(socket, own));
        Assert.Equal(own, socket.SeenBy(v6));
        Assert.True(v6.Reaches(socket, own));
        Assert.Equal(isOpen, stranger.Reaches(socket, own));
    }

    [Fact]
    public void Datagrams_that_begin_with_a_forbidden_byte_are_dropped()
    {
        var home = SimulatedHome.Add(_internet, NatKind.PortPreserving, 1, options => options with { DropsFirstByte = first => first >= 0x40 });
        var socket = new TestSocket(home.Host);
        socket.Send(_server.Address.WithPort(3478), [0x40, 1]);
        socket.Send(_server.Address.WithPort(3478), [0x3F, 2]);
        _internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([0x3F, 2], Assert.Single(_observer.Arrived).Data);
    }

    private (TestSocket Socket, NetworkAddress Outer) BehindShortLived(NatKind kind)
    {
        var home = SimulatedHome.Add(
            _internet, kind, 1, options => options with { UnrepliedTimeout = TimeSpan.FromSeconds(2), StreamTimeout = TimeSpan.FromSeconds(5) });
        var socket = new TestSocket(home.Host);
        return (socket, socket.SeenBy(_observer));
    }

    // The 200 ms that a test socket waits for its datagram are part of the silence.
    private void Idle(double seconds) => _internet.RunFor(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(200));
}
