using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Finding;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Where nodes may stand to each other: NATs behind NATs, neighbours, strangers with a peer's address, IPv6.</summary>
public sealed class TopologyTests
{
    private static readonly RouterOptions PortRestricted = SimulatedHome.OptionsOf(NatKind.PortRestricted);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Nats_behind_nats_are_passed_directly(int carriers)
    {
        using var scene = new RoamingScene();
        var (one, other) = (AddNested(scene.Internet, 1, carriers), AddNested(scene.Internet, 2, carriers));
        RunDirectly(scene, scene.Add(one), scene.Add(other), VerdictCode.Direct);
    }

    [Fact]
    public void Neighbours_behind_one_nat_talk_within_their_network()
    {
        using var scene = new RoamingScene();
        var router = scene.Internet.AddRouter("router", PortRestricted, "203.0.113.1");
        SimulatedHost one = scene.Internet.AddHost("one"), other = scene.Internet.AddHost("other");
        one.Attach(router.Inside, new(), 24, "192.168.1.10");
        other.Attach(router.Inside, new(), 24, "192.168.1.11");
        RunDirectly(scene, scene.Add(one), scene.Add(other), VerdictCode.DirectLan);
    }

    [Fact]
    public void Homes_behind_one_carrier_that_hairpins_talk_directly()
    {
        using var scene = new RoamingScene();
        var (one, other) = AddSubscribers(scene.Internet, hairpins: true);
        RunDirectly(scene, scene.Add(one), scene.Add(other), VerdictCode.Direct);
    }

    [Fact]
    public void Homes_behind_one_carrier_that_does_not_hairpin_talk_by_relay_and_say_why()
    {
        using var scene = new RoamingScene();
        var (one, other) = AddSubscribers(scene.Internet, hairpins: false);
        RoamingPeer caller = scene.Add(one), callee = scene.Add(other);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal((VerdictCode.HairpinMissing, VerdictCode.HairpinMissing), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Fact]
    public void Stranger_at_the_private_address_of_the_peer_gets_a_few_probes_and_no_more()
    {
        using var scene = new RoamingScene();
        var (here, there) = (scene.Internet.AddRouter("here", PortRestricted, "203.0.113.1"), scene.Internet.AddRouter("there", PortRestricted, "203.0.113.2"));
        SimulatedHost one = scene.Internet.AddHost("one"), other = scene.Internet.AddHost("other"), stranger = scene.Internet.AddHost("stranger");
        one.Attach(here.Inside, new(), 24, "192.168.1.10");
        stranger.Attach(here.Inside, new(), 24, "192.168.1.20");
        other.Attach(there.Inside, new(), 24, "192.168.1.20");
        var (taken, bytes) = (0, 0);
        stranger.OpenUdp(5000);
        stranger.Received = (link, datagram, _) =>
        {
            (taken, bytes) = (taken + 1, bytes + datagram.Length);
            stranger.Send(link.Number, link.Remote, datagram); // an echo service
        };
        RunDirectly(scene, scene.Add(one), scene.Add(other, listens: new() { UdpPort = 5000 }), VerdictCode.Direct);
        Assert.InRange(taken, 1, 24);
        Assert.InRange(bytes, 1, 24 * 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hosts_with_ipv6_alone_talk_directly(bool hasFirewalls)
    {
        using var scene = new RoamingScene(hasIpv6: true);
        var hosts = new SimulatedHost[2];
        for (var i = 0; i < hosts.Length; i++)
        {
            var net = hasFirewalls ? scene.Internet.AddRouter($"firewall {i}", SimulatedHome.OptionsOf(NatKind.Firewall)).Inside : scene.Internet.Net;
            hosts[i] = scene.Internet.AddHost($"host {i}");
            hosts[i].Attach(net, $"2001:db8:{i + 1}::10");
        }
        RunDirectly(scene, scene.Add(hosts[0]), scene.Add(hosts[1]), VerdictCode.DirectIpv6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hosts_of_both_families_with_one_dead_talk_by_the_other(bool isIpv4Dead)
    {
        using var scene = new RoamingScene(hasIpv6: true);
        var hosts = new SimulatedHost[2];
        for (var i = 0; i < hosts.Length; i++)
        {
            hosts[i] = scene.Internet.AddHost($"host {i}");
            hosts[i].Attach(scene.Internet.Net, $"203.0.113.{i + 1}", $"2001:db8:{i + 1}::10");
            hosts[i].Interfaces[0].Cable.Change(options => options with { Drops = packet => packet.Destination.IsIpv4 == isIpv4Dead });
        }
        RunDirectly(scene, scene.Add(hosts[0]), scene.Add(hosts[1]), isIpv4Dead ? VerdictCode.DirectIpv6 : VerdictCode.Direct);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void Many_interfaces_do_not_hide_the_one_that_leads_out(int count)
    {
        using var scene = new RoamingScene();
        var hosts = new SimulatedHost[2];
        for (var i = 0; i < hosts.Length; i++)
        {
            hosts[i] = SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, i + 1).Host;
            for (var more = 1; more < count; more++)
            {
                var bridge = scene.Internet.AddRouter($"bridge {i} {more}", new());
                hosts[i].Attach(bridge.Inside, new(), 24, $"10.{(i * 100) + more}.0.1").HasDefaultRoute = false;
            }
        }
        RunDirectly(scene, scene.Add(hosts[0]), scene.Add(hosts[1]), VerdictCode.Direct);
    }

    private static void RunDirectly(RoamingScene scene, RoamingPeer caller, RoamingPeer callee, VerdictCode verdict)
    {
        var (call, answer) = scene.Connect(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.UntilDirect(call, answer, 5);
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.True((verdict, verdict) == (call.Verdict!.Code, answer.Verdict!.Code), $"{RoamingScene.Describe(call)}; {RoamingScene.Describe(answer)}");
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.Send(caller, call, 300_000);
        scene.Send(callee, answer, 300_000);
        scene.End();
    }

    private static SimulatedHost AddNested(SimulatedInternet internet, int number, int carriers)
    {
        var router = internet.AddRouter($"carrier {number}", PortRestricted, $"203.0.113.{number}");
        for (var i = 0; i < carriers; i++) { router = internet.AddRouter($"router {number} {i}", PortRestricted, router.Inside, $"10.{i}.{number}.2"); }
        var host = internet.AddHost($"host {number}");
        host.Attach(router.Inside, new(), 24, "192.168.1.10");
        return host;
    }

    private static (SimulatedHost One, SimulatedHost Other) AddSubscribers(SimulatedInternet internet, bool hairpins)
    {
        var carrier = internet.AddRouter("carrier", PortRestricted with { Hairpins = hairpins }, "203.0.113.20");
        var hosts = new SimulatedHost[2];
        for (var i = 0; i < hosts.Length; i++)
        {
            var home = internet.AddRouter($"home {i}", PortRestricted, carrier.Inside, $"100.64.{i}.2");
            hosts[i] = internet.AddHost($"host {i}");
            hosts[i].Attach(home.Inside, new(), 24, $"192.168.{i + 1}.10");
        }
        return (hosts[0], hosts[1]);
    }
}
