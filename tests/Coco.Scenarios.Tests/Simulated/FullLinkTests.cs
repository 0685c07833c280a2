using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Nodes that have only TCP, by relays, and links of theirs that are full for a while or for good.</summary>
public sealed class FullLinkTests
{
    [Fact]
    public void A_full_link_holds_a_connection_up_and_costs_it_nothing()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), callee = scene.Add(NatKind.UdpBlocked, 2);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        var link = call.ActivePath!.Value.Link;
        Assert.True(link.IsReliable);
        scene.Stream(caller, call, callee, answer);
        var lost = call.Quic!.Statistics.PacketsLost;

        for (var i = 0; i < 20; i++)
        {
            caller.Node.Act(now => caller.Endpoint.HandleLinkFull(link, now));
            scene.Internet.RunFor(TimeSpan.FromMilliseconds(100));
            caller.Node.Act(now => caller.Endpoint.HandleLinkWritable(link, now));
            scene.Internet.RunFor(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal((link, lost), (call.ActivePath!.Value.Link, call.Quic.Statistics.PacketsLost));
        Assert.InRange(callee.LongestGap, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400));
        scene.End();
    }

    [Fact]
    public void A_connection_held_by_a_link_that_ends_goes_on_by_another()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), callee = scene.Add(NatKind.UdpBlocked, 2);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Internet.RunFor(TimeSpan.FromSeconds(20)); // both relays are up
        scene.Stream(caller, call, callee, answer);
        var link = call.ActivePath!.Value.Link;
        caller.Node.Act(now => caller.Endpoint.HandleLinkFull(link, now));
        scene.Internet.RunFor(TimeSpan.FromMilliseconds(60));
        Assert.Equal(link, call.ActivePath!.Value.Link);

        caller.Node.Act(now => caller.Endpoint.HandleLinkClosed(link, now));
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));

        Assert.NotEqual(link, call.ActivePath!.Value.Link);
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        caller.Node.Act(now => caller.Endpoint.HandleLinkFull(link, now)); // of the past, and of no matter
        scene.End();
    }

    [Fact]
    public void A_connection_held_by_a_link_that_is_dead_goes_on_by_another()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), callee = scene.Add(NatKind.UdpBlocked, 2);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.Stream(caller, call, callee, answer);
        var link = call.ActivePath!.Value.Link;

        var cable = caller.Node.Host.Interfaces[0].Cable;
        cable.Up.Options = cable.Up.Options with { Drops = packet => packet.Destination == link.Remote };
        scene.Internet.RunFor(TimeSpan.FromMilliseconds(20));
        caller.Node.Act(now => caller.Endpoint.HandleLinkFull(link, now));
        scene.Internet.RunFor(TimeSpan.FromSeconds(8));

        Assert.NotEqual(link, call.ActivePath!.Value.Link);
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        scene.End();
    }
}
