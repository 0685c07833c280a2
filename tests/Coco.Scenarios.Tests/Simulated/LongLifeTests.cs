using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Hours of quiet, calls all day, clocks that are wrong, nodes that start twice. COCO_ALL=1 makes a thousand calls in 24 hours.</summary>
public sealed class LongLifeTests
{
    private static readonly int Reconnects = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1000 : 100;

    [Theory]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(120)]
    public void Quiet_direct_path_stays_open_with_few_packets(int mappingSeconds)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1, Live), callee = scene.Add(NatKind.PortRestricted, 2, Live);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Send(caller, call, 1000);
        scene.Internet.RunFor(TimeSpan.FromHours(1));
        var packets = scene.CountPastRelays();
        scene.Internet.RunFor(TimeSpan.FromHours(1));
        Assert.True(RoamingScene.IsDirectUdp(call) && RoamingScene.IsDirectUdp(answer), RoamingScene.Describe(call));
        if (mappingSeconds >= 30) { Assert.InRange(packets(), 1, 2 * 150); }

        caller.WatchGaps();
        scene.Send(callee, answer, 10_000);
        scene.Until(() => caller.BytesReceived == 10_000, 1, () => RoamingScene.Describe(answer));
        scene.End();

        RouterOptions Live(RouterOptions options) =>
            options with { StreamTimeout = TimeSpan.FromSeconds(mappingSeconds), UnrepliedTimeout = TimeSpan.FromSeconds(mappingSeconds) };
    }

    [Fact]
    public void Nodes_that_call_each_other_at_once_are_both_answered()
    {
        using var scene = new RoamingScene();
        RoamingPeer one = scene.Add(NatKind.PortRestricted, 1), other = scene.Add(NatKind.PortRestricted, 2);
        scene.Settle();
        var (call, back) = (one.Call(other, scene.Relay.Info), other.Call(one, scene.Relay.Info));
        scene.Until(() => one.Accepted.Count == 1 && other.Accepted.Count == 1 && call.State is RoamingState.Connected && back.State is RoamingState.Connected, 5, () => $"{call.State} {back.State}");
        scene.Stream(one, call, other, back);
        scene.UntilDirect(call, back, 10);
        scene.Internet.RunFor(TimeSpan.FromSeconds(10));
        Assert.All([call, back, one.Accepted[0], other.Accepted[0]], static each => Assert.Equal(VerdictCode.Direct, each.Verdict!.Code));
        scene.End();
    }

    [Fact]
    public void Identity_that_runs_twice_is_reached_where_it_started_last_and_does_not_fight()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), first = scene.Add(NatKind.PortRestricted, 2);
        var (call, answer) = scene.ConnectDirectly(caller, first);
        scene.Stream(caller, call, first, answer);
        var second = scene.Add(SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 3).Host, life: 1, number: 2);
        scene.Settle();

        var again = caller.Call(new RoamingTarget(second.Id) { Relays = [scene.Relay.Info, scene.Second.Info] });
        scene.Until(() => second.Accepted.Count == 1, 5, () => RoamingScene.Describe(again));
        scene.Send(caller, again, 10_000);
        scene.Internet.RunFor(TimeSpan.FromMinutes(5));
        Assert.Equal(RoamingState.Connected, call.State);
        Assert.InRange(caller.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.End();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2_100_000_000)]
    [InlineData(2_100_000_000, 0)]
    public void Wrong_clocks_keep_nobody_apart(ulong callers, ulong callees)
    {
        using var scene = new RoamingScene();
        var caller = scene.Add(SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 1).Host, options => options with { UnixSecondsAtZero = callers });
        var callee = scene.Add(SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 2).Host, options => options with { UnixSecondsAtZero = callees });
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Send(caller, call, 10_000);
        Assert.NotNull(call.PeerRecord);

        var again = caller.Call(new RoamingTarget(callee.Id) { Record = call.PeerRecord });
        scene.Until(() => callee.Accepted.Count == 2, 5, () => RoamingScene.Describe(again));
        scene.Send(callee, callee.Accepted[1], 10_000);
        Assert.Equal(VerdictCode.Direct, answer.Verdict!.Code);
        scene.End();
    }

    [Fact]
    public void Calls_all_day_leave_nothing_behind()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        scene.Settle();
        for (var i = 0; i < Reconnects; i++)
        {
            var call = caller.Call(callee, scene.Relay.Info);
            scene.Until(() => callee.Accepted.Count == i + 1, 10, () => $"call {i}: {RoamingScene.Describe(call)}");
            scene.Send(caller, call, 1000);
            scene.Until(() => callee.StreamsReceived == i + 1, 10, () => $"call {i}: {RoamingScene.Describe(call)}");
            if (i % 2 == 0) { scene.UntilDirect(call, callee.Accepted[^1]); }
            caller.Node.Act(now => call.Close(0, "", now));
            scene.Internet.RunFor(TimeSpan.FromSeconds(86));
        }
        Assert.Equal((0, 0), (caller.Endpoint.ConnectionCount, callee.Endpoint.ConnectionCount));
        Assert.All([caller, callee, scene.Relay.Peer, scene.Second.Peer], static peer => Assert.InRange(peer.Endpoint.PathCount, 1, 1100));
        scene.End();
    }
}
