using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Hairpins, neighbours, and NATs behind NATs.</summary>
public sealed class NestingTests
{
    private static readonly RouterOptions PortRestricted = SimulatedHome.OptionsOf(NatKind.PortRestricted);
    private static readonly RouterOptions Open = SimulatedHome.OptionsOf(NatKind.Open);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hosts_of_one_home_reach_each_other_over_outer_addresses_only_by_hairpin(bool hairpins)
    {
        var internet = new SimulatedInternet(1);
        var router = internet.AddRouter("router", PortRestricted with { Hairpins = hairpins }, "203.0.113.1");
        var (a, b) = (AddHost(internet, router.Inside, "192.168.1.10"), AddHost(internet, router.Inside, "192.168.1.11"));
        var observer = new TestSocket(internet.AddHost("observer", "198.51.100.10"), 3478);
        TestSocket one = new(a), two = new(b), third = new(a);
        var (outerOne, outerTwo) = (one.SeenBy(observer), two.SeenBy(observer));
        third.SeenBy(observer);

        Assert.Equal(hairpins, one.Reaches(two, outerTwo));
        if (!hairpins) { return; }
        Assert.Equal(outerOne, two.Arrived[^1].From);
        Assert.True(two.Reaches(one, outerOne));
        Assert.True(third.Reaches(one, outerOne), "another socket of the same host");
        Assert.Equal("203.0.113.1", one.Arrived[^1].From.HostText);
    }

    [Fact]
    public void Hosts_of_one_home_reach_each_other_over_inner_addresses_and_no_router_counts()
    {
        var internet = new SimulatedInternet(1);
        var router = internet.AddRouter("router", new(), "203.0.113.1");
        TestSocket one = new(AddHost(internet, router.Inside, "192.168.1.10")), two = new(AddHost(internet, router.Inside, "192.168.1.11"), 5000);
        Assert.True(one.Reaches(two, SimulatedInternet.Address("192.168.1.11:5000"), hopLimit: 1));
        Assert.Equal("192.168.1.10", two.Arrived[^1].From.HostText);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Homes_behind_one_carrier_connect_only_by_its_hairpin(bool hairpins)
    {
        var internet = new SimulatedInternet(1);
        var carrier = internet.AddRouter("carrier", Open with { Hairpins = hairpins }, "203.0.113.20");
        var (a, b) = (AddHome(internet, carrier, PortRestricted, 1), AddHome(internet, carrier, PortRestricted, 2));
        Assert.Equal(hairpins, PunchCell.Punch(internet, a, b) is not null);
    }

    [Theory]
    [InlineData(NatKind.PortRestricted, NatKind.PortRestricted, NatKind.PortRestricted, true)]
    [InlineData(NatKind.PortRestricted, NatKind.Open, NatKind.PortPreserving, true)]
    [InlineData(NatKind.PortRestricted, NatKind.Open, NatKind.Symmetric, false)]
    [InlineData(NatKind.Open, NatKind.Symmetric, NatKind.PortRestricted, false)]
    [InlineData(NatKind.Open, NatKind.Symmetric, NatKind.Open, true)]
    [InlineData(NatKind.Open, NatKind.Symmetric, NatKind.AddressRestricted, true)]
    public void Of_a_home_router_and_a_carrier_the_stricter_mapping_wins(NatKind home, NatKind carrierKind, NatKind other, bool connects)
    {
        var internet = new SimulatedInternet(1);
        var carrier = internet.AddRouter("carrier", SimulatedHome.OptionsOf(carrierKind), "203.0.113.20");
        var a = AddHome(internet, carrier, SimulatedHome.OptionsOf(home), 1);
        var b = SimulatedHome.Add(internet, other, 2).Host;
        Assert.Equal(connects, PunchCell.Punch(internet, a, b) is not null);
    }

    [Fact]
    public void Three_nats_one_behind_another_are_punched()
    {
        var internet = new SimulatedInternet(1);
        var carrier = internet.AddRouter("carrier", PortRestricted, "203.0.113.20");
        var building = internet.AddRouter("building", PortRestricted, carrier.Inside, "10.64.20.10");
        var home = internet.AddRouter("home", new(), building.Inside, "10.0.0.2");
        var a = AddHost(internet, home.Inside, "192.168.1.10");
        var b = SimulatedHome.Add(internet, NatKind.PortPreserving, 2).Host;
        Assert.NotNull(PunchCell.Punch(internet, a, b));
        Assert.Equal(1, carrier.FlowCount - building.FlowCount + 1);
    }

    [Fact]
    public void Carrier_that_rations_ports_refuses_the_next()
    {
        var internet = new SimulatedInternet(1);
        var carrier = internet.AddRouter("carrier", SimulatedHome.OptionsOf(NatKind.Symmetric) with { MaxPortsOfHost = 10 }, "203.0.113.20");
        var (greedy, modest) = (AddHost(internet, carrier.Inside, "10.64.20.10"), AddHost(internet, carrier.Inside, "10.64.20.11"));
        var observer = new TestSocket(internet.AddHost("observer", "198.51.100.10"), 3478);
        var at = SimulatedInternet.Address("198.51.100.10:3478");
        var reached = Enumerable.Range(0, 20).Count(_ => new TestSocket(greedy).Reaches(observer, at));
        Assert.Equal(10, reached);
        Assert.True(new TestSocket(modest).Reaches(observer, at));

        internet.RunFor(TimeSpan.FromSeconds(31));
        Assert.True(new TestSocket(greedy).Reaches(observer, at), "ports come back when flows end");
    }

    [Fact]
    public void Same_private_addresses_in_two_homes_are_two_hosts()
    {
        var internet = new SimulatedInternet(1);
        var (one, two) = (internet.AddRouter("one", new(), "203.0.113.1"), internet.AddRouter("two", new(), "203.0.113.2"));
        var a = AddHost(internet, one.Inside, "192.168.1.10");
        var stranger = new TestSocket(AddHost(internet, one.Inside, "192.168.1.20"), 5000);
        var wanted = new TestSocket(AddHost(internet, two.Inside, "192.168.1.20"), 5000);
        Assert.True(new TestSocket(a).Reaches(stranger, SimulatedInternet.Address("192.168.1.20:5000")));
        Assert.Empty(wanted.Arrived);
    }

    private static SimulatedHost AddHome(SimulatedInternet internet, SimulatedRouter carrier, RouterOptions options, int number)
    {
        var home = internet.AddRouter($"home {number}", options, carrier.Inside, $"10.64.20.{number}");
        return AddHost(internet, home.Inside, "192.168.3.10");
    }

    private static SimulatedHost AddHost(SimulatedInternet internet, SimulatedNet net, string address)
    {
        var host = internet.AddHost(address);
        host.Attach(net, new(), 24, address);
        return host;
    }
}
