using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Relays that die, hang, come back or stop while nodes need them.</summary>
public sealed class RelayTroubleTests
{
    public enum Trouble
    {
        Killed,
        Hung,
        Restarted,
        Drained,
    }

    [Theory]
    [InlineData(Trouble.Killed)]
    [InlineData(Trouble.Hung)]
    [InlineData(Trouble.Restarted)]
    [InlineData(Trouble.Drained)]
    public void Data_under_way_goes_by_the_second_relay_within_two_seconds(Trouble trouble)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.Symmetric, 1), callee = scene.Add(NatKind.Symmetric, 2);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Internet.RunFor(TimeSpan.FromSeconds(30));
        scene.Stream(caller, call, callee, answer);

        Befall(scene.RelayOf(call), trouble);
        scene.Internet.RunFor(TimeSpan.FromSeconds(15));
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal((VerdictCode.BothAddressDependent, VerdictCode.BothAddressDependent), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Theory]
    [InlineData(Trouble.Killed)]
    [InlineData(Trouble.Hung)]
    [InlineData(Trouble.Restarted)]
    [InlineData(Trouble.Drained)]
    public void Idle_node_is_reached_through_its_second_relay_within_two_seconds(Trouble trouble)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.Symmetric, 1), callee = scene.Add(NatKind.Symmetric, 2);
        scene.Internet.RunFor(TimeSpan.FromMinutes(1));
        Befall(scene.Relay, trouble);

        var start = scene.Internet.Now;
        var call = caller.Call(new RoamingTarget(callee.Id) { Relays = [scene.Relay.Info, scene.Second.Info] });
        scene.Until(() => callee.Accepted.Count == 1, 10, () => RoamingScene.Describe(call));
        Assert.InRange(scene.Internet.Now - start, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        scene.Send(caller, call, 10_000);
        scene.End();
    }

    [Fact]
    public void Caller_goes_along_to_the_relay_that_its_peer_goes_to()
    {
        using var scene = new RoamingScene();
        var caller = scene.Add(SimulatedHome.Add(scene.Internet, NatKind.Symmetric, 1).Host, static options => options with { Relays = [] });
        var callee = scene.Add(
            SimulatedHome.Add(scene.Internet, NatKind.Symmetric, 2).Host, static options => options with { Homes = new() { Count = 1 } });
        scene.Settle();
        var call = caller.Call(callee, scene.Relay.Info);
        scene.Until(() => call.State is RoamingState.Connected && callee.Accepted.Count == 1, 10, () => RoamingScene.Describe(call));
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.Stream(caller, call, callee, callee.Accepted[0]);
        Assert.Equal(scene.Relay, scene.RelayOf(call));

        Befall(scene.Relay, Trouble.Drained);
        scene.Until(() => call.PeerRecord!.Relays.Any(relay => relay.Id == scene.Second.Info.Id), 2, () => RoamingScene.Describe(call));
        scene.Relay.Kill();
        scene.Internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(scene.Second, scene.RelayOf(call));
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        scene.End();
    }

    [Fact]
    public void Idle_node_is_reached_through_a_restarted_relay_after_its_next_keep_alive()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.Symmetric, 1), callee = scene.Add(NatKind.Symmetric, 2);
        scene.Internet.RunFor(TimeSpan.FromMinutes(1));
        scene.Relay.Restart();
        scene.Internet.RunFor(TimeSpan.FromSeconds(40));
        scene.Second.Kill();
        var call = caller.Call(callee, scene.Relay.Info);
        scene.Until(() => callee.Accepted.Count == 1, 2, () => RoamingScene.Describe(call));
        scene.Send(caller, call, 10_000);
        scene.End();
    }

    [Fact]
    public void Direct_path_lives_on_when_all_relays_are_dead()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.Relay.Kill();
        scene.Second.Kill();
        scene.Internet.RunFor(TimeSpan.FromMinutes(3));
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.Equal((VerdictCode.Direct, VerdictCode.Direct), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Fact]
    public void Call_that_ends_takes_no_other_call_along_that_goes_by_the_same_relay()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), one = scene.Add(NatKind.Symmetric, 2), other = scene.Add(NatKind.Symmetric, 3);
        scene.Settle();
        RoamingConnection first = caller.Call(one, scene.Relay.Info), second = caller.Call(other, scene.Relay.Info);
        scene.Until(() => first.State is RoamingState.Connected && second.State is RoamingState.Connected && other.Accepted.Count == 1, 10, () => RoamingScene.Describe(second));
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.Stream(caller, second, other, other.Accepted[0]);
        var way = second.ActivePath;

        caller.Node.Act(now => first.Close(0, "", now));
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(way, second.ActivePath);
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.InRange(other.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        scene.End();
    }

    [Fact]
    public void Relay_that_answers_again_is_not_left_with_all_sessions()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), callee = scene.Add(NatKind.UdpBlocked, 2);
        scene.Settle();
        var call = caller.Call(callee, scene.Relay.Info);
        scene.Until(() => call.State is RoamingState.Connected, 10, () => RoamingScene.Describe(call));
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.Stream(caller, call, callee, callee.Accepted[0]);
        var way = call.ActivePath;

        scene.Relay.Peer.Node.IsHung = true;
        scene.Internet.RunFor(TimeSpan.FromMilliseconds(600));
        scene.Relay.Peer.Node.IsHung = false;
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.Contains(call.Paths, path => path.Address == way);
        scene.End();
    }

    [Fact]
    public void Attempt_over_a_link_that_ended_is_not_waited_for()
    {
        using var scene = new RoamingScene();
        var node = scene.Add(NatKind.UdpBlocked, 1);
        scene.Settle();
        scene.Relay.Restart();
        scene.Relay.Peer.Node.IsHung = true; // takes links, and answers nobody there
        scene.Internet.RunFor(TimeSpan.FromSeconds(3));
        scene.Relay.Restart();
        scene.Until(() => node.Endpoint.Nodes[0].Homes.Registered.Count == 2, 6, () => $"{node.Endpoint.Nodes[0].Homes.Registered.Count} homes");
    }

    [Fact]
    public void Sessions_of_a_node_that_came_back_by_another_link_do_not_stay()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.Symmetric, 1), callee = scene.Add(NatKind.Symmetric, 2);
        scene.Settle();
        var call = caller.Call(callee, scene.Relay.Info);
        scene.Until(() => call.State is RoamingState.Connected && callee.Accepted.Count == 1, 10, () => RoamingScene.Describe(call));
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal((2, 1), (scene.Relay.Endpoint.RelayStatistics!.Clients, scene.Relay.Endpoint.RelayStatistics!.Sessions));

        callee.Node.Host.Interfaces[0].Cable.Change(static options => options with { Drops = static packet => packet.Protocol is PacketProtocol.Udp });
        scene.Send(caller, call, 100_000);
        scene.End(10);
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal((2, 1), (scene.Relay.Endpoint.RelayStatistics!.Clients, scene.Relay.Endpoint.RelayStatistics!.Sessions));
    }

    [Fact]
    public void Call_to_a_node_that_comes_to_its_relay_a_little_later_is_answered()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.Symmetric, 1), callee = scene.Add(NatKind.Symmetric, 2);
        callee.Node.Host.Interfaces[0].Cable.IsUnplugged = true;
        scene.Internet.RunFor(TimeSpan.FromSeconds(1));
        var call = caller.Call(callee, scene.Relay.Info);
        scene.Internet.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(RoamingState.Connecting, call.State);
        callee.Node.Host.Interfaces[0].Cable.IsUnplugged = false;
        scene.Until(() => call.State is RoamingState.Connected, 5, () => RoamingScene.Describe(call));
    }

    [Fact]
    public void More_calls_at_once_than_a_relay_opens_sessions_for_are_answered_one_after_the_other()
    {
        using var scene = new RoamingScene();
        var caller = scene.Add(NatKind.Symmetric, 1);
        var callees = Enumerable.Range(2, 80).Select(number => scene.Add(NatKind.None, number)).ToArray();
        scene.Settle();
        var calls = callees.Select(callee => caller.Call(callee, scene.Relay.Info)).ToArray();
        scene.Until(() => calls.All(static call => call.State is RoamingState.Connected), 8, () => $"{calls.Count(static call => call.State is RoamingState.Connected)} calls");
        Assert.InRange(scene.Relay.Endpoint.RelayStatistics!.Refused, 10, 400);
    }

    private static void Befall(RelayPeer relay, Trouble trouble)
    {
        switch (trouble)
        {
            case Trouble.Killed: relay.Kill(); break;
            case Trouble.Hung: relay.Peer.Node.IsHung = true; break;
            case Trouble.Restarted: relay.Restart(); break;
            case Trouble.Drained: relay.Peer.Node.Act(now => relay.Endpoint.DrainRelay(now + TimeSpan.FromSeconds(5), [], now)); break;
        }
    }
}
