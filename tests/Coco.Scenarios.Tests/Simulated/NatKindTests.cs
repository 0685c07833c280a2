using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Every simulated NAT is what its name says, by the same probe that the kernel's NATs are held to.</summary>
public sealed class NatKindTests
{
    public static TheoryData<NatKind> Kinds => [.. NatBehaviour.Expected.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Kinds_are_classified_as_their_names_say(NatKind kind)
    {
        var internet = new SimulatedInternet(1);
        var home = SimulatedHome.Add(internet, kind, 1);
        Assert.Equal(NatBehaviour.Expected[kind], NatProbe.Classify(internet, home.Host));
    }

    [Fact]
    public void Full_cone_that_keeps_ports_is_classified() => AssertClass(
        new(Dependence.EndpointIndependent, true, Dependence.EndpointIndependent),
        new() { Filtering = NatFiltering.EndpointIndependent });

    [Fact]
    public void Symmetric_mapping_with_open_filter_is_classified() => AssertClass(
        new(Dependence.AddressAndPortDependent, false, Dependence.EndpointIndependent),
        new() { Mapping = NatMapping.AddressAndPortDependent, Filtering = NatFiltering.EndpointIndependent });

    [Fact]
    public void Sequential_ports_are_classified_and_go_up_by_one()
    {
        var options = new RouterOptions { Mapping = NatMapping.Sequential };
        AssertClass(new(Dependence.AddressAndPortDependent, false, Dependence.AddressAndPortDependent), options);

        var (internet, host) = Behind(options);
        var socket = new TestSocket(host);
        var first = socket.SeenBy(new(internet.AddHost("x", "198.51.100.1"), 1000));
        var second = socket.SeenBy(new(internet.AddHost("y", "198.51.100.2"), 1000));
        Assert.Equal(first.Port + 1, second.Port);
    }

    [Fact]
    public void Without_udp_nothing_arrives()
    {
        var internet = new SimulatedInternet(1);
        var home = SimulatedHome.Add(internet, NatKind.UdpBlocked, 1);
        var server = new TestSocket(internet.AddHost("server", "198.51.100.10"), 3478);
        Assert.False(new TestSocket(home.Host).Reaches(server, SimulatedInternet.Address("198.51.100.10:3478")));
    }

    [Fact]
    public void Two_hosts_with_one_inner_port_share_the_outer_port_of_a_masquerade_until_they_meet_at_one_server()
    {
        var (internet, host) = Behind(new());
        var neighbour = internet.AddHost("neighbour");
        neighbour.Attach(host.Interfaces[0].Cable.Net, "192.168.1.11");
        var (a, b) = (new TestSocket(host, 6000), new TestSocket(neighbour, 6000));
        var (one, two) = (new TestSocket(internet.AddHost("one", "198.51.100.10"), 3478), new TestSocket(internet.AddHost("two", "198.51.100.11"), 3478));

        Assert.Equal(6000, a.SeenBy(one).Port);
        Assert.Equal(6000, b.SeenBy(two).Port);
        Assert.NotEqual(6000, a.SeenBy(two).Port);
        Assert.NotEqual(6000, b.SeenBy(one).Port);
    }

    [Theory]
    [InlineData(NatKind.Open)]
    [InlineData(NatKind.PortPreserving)]
    [InlineData(NatKind.Firewall)]
    public void Port_without_mapping_leads_nowhere(NatKind kind)
    {
        var internet = new SimulatedInternet(1);
        var home = SimulatedHome.Add(internet, kind, 1);
        var socket = new TestSocket(home.Host, 5000);
        var stranger = new TestSocket(internet.AddHost("stranger", "198.51.100.10"));
        Assert.False(stranger.Reaches(socket, SimulatedInternet.Address("203.0.113.1:5000")));
    }

    private static void AssertClass(NatBehaviour expected, RouterOptions options)
    {
        var (internet, host) = Behind(options);
        Assert.Equal(expected, NatProbe.Classify(internet, host));
    }

    private static (SimulatedInternet Internet, SimulatedHost Host) Behind(RouterOptions options)
    {
        var internet = new SimulatedInternet(1);
        var router = internet.AddRouter("router", options, "203.0.113.1");
        var host = internet.AddHost("host");
        host.Attach(router.Inside, "192.168.1.10");
        return (internet, host);
    }
}
