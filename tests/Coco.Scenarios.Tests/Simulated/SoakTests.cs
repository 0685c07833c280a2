using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A day of calls and of everything that happens to networks meanwhile: a thousand calls in 24 hours.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Rounds = 1000;
    private const int Settled = 100; // rounds after which nothing may grow
    private static readonly TimeSpan RoundTime = TimeSpan.FromHours(24) / Rounds;

    private enum Trouble
    {
        None,
        Reboot,
        NewAddress,
        Move,
        RelayRestart,
        Expiry,
        Hang,
        CrossedCalls,
    }

    [Fact]
    public void A_day_of_calls_and_trouble_leaves_nothing_behind()
    {
        using var scene = new RoamingScene();
        var homes = Enumerable.Range(20, 3).Select(number => AddHome(scene, number)).ToArray();
        var host = scene.Internet.AddHost("caller");
        host.MoveTo(homes[0].Inside, "192.168.1.10");
        var (caller, calleeHome) = (scene.Add(host), SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 40, Short));
        var callee = scene.Add(calleeHome.Host);
        scene.Settle();

        ObjectCensus? settled = null;
        for (var i = 1; i <= Rounds; i++)
        {
            var end = scene.Internet.Now + RoundTime;
            Run(scene, caller, callee, (Trouble)(i % 8), homes[i / 8 % 3], homes[((i / 8) + 1) % 3], host, calleeHome.Router!, i);
            if (end > scene.Internet.Now) { scene.Internet.RunFor(end - scene.Internet.Now); }
            if (i != Settled && i != Rounds) { continue; }
            scene.Internet.RunFor(TimeSpan.FromMinutes(6)); // beyond every timeout, and what relays remember of sessions
            var census = Census(scene, caller, callee);
            output.WriteLine($"after {i} rounds, {scene.Internet.Now}: {census.Objects} objects, {census.Elements} array elements");
            settled ??= census;
            if (i == Rounds) { AssertFlat(settled, census, caller, callee); }
        }
        scene.End();
    }

    private static void AssertFlat(ObjectCensus before, ObjectCensus after, RoamingPeer caller, RoamingPeer callee)
    {
        Assert.Equal((0, 0), (caller.Endpoint.ConnectionCount, callee.Endpoint.ConnectionCount));
        Assert.InRange(caller.Endpoint.PathCount, 0, 1100); // the table is swept from 1,024 on
        Assert.InRange(callee.Endpoint.PathCount, 0, 1100);
        // A handful for what depends on the moment: a probe under way, a pool that has one more.
        Assert.Equal("", after.GrowthSince(before, some: 16));
        Assert.Equal("", after.ArrayGrowthSince(before, some: 600, bytes: 4 * 16_384)); // a block more in the pool of each endpoint
    }

    private static ObjectCensus Census(RoamingScene scene, RoamingPeer caller, RoamingPeer callee) =>
        ObjectCensus.Of(typeof(PathTable), caller.Endpoint, callee.Endpoint, scene.Relay.Endpoint, scene.Second.Endpoint);

    private static void Run(
        RoamingScene scene, RoamingPeer caller, RoamingPeer callee, Trouble trouble, SimulatedRouter home, SimulatedRouter next, SimulatedHost host, SimulatedRouter calleeHome, int round)
    {
        var accepted = callee.Accepted.Count;
        var call = caller.Call(new RoamingTarget(callee.Id) { Relays = [scene.Relay.Info, scene.Second.Info] });
        var back = trouble is Trouble.CrossedCalls ? callee.Call(caller, scene.Second.Info) : null;
        scene.Until(() => callee.Accepted.Count > accepted && call.State is RoamingState.Connected, 30, () => $"round {round}, {trouble}: {RoamingScene.Describe(call)}");
        var answer = callee.Accepted[^1];
        if (round % 3 > 0) { scene.UntilDirect(call, answer, 40); }
        Exchange();
        switch (trouble)
        {
            case Trouble.Reboot: home.Reboot(); break;
            case Trouble.NewAddress: calleeHome.ChangeOuterAddress($"203.0.113.{40 + (round / 8 % 2 * 10)}", $"203.0.113.{50 - (round / 8 % 2 * 10)}"); break;
            case Trouble.Move: host.MoveTo(next.Inside, "192.168.1.10"); break;
            case Trouble.RelayRestart: scene.Relay.Restart(); break;
            case Trouble.Expiry: scene.Internet.RunFor(TimeSpan.FromSeconds(45)); break;
            case Trouble.Hang: callee.Node.IsHung = true; scene.Internet.RunFor(TimeSpan.FromSeconds(50)); callee.Node.IsHung = false; break;
        }
        if (trouble is not Trouble.Hang) { Exchange(); }
        // Either end says goodbye.
        if (round % 2 == 0) { caller.Node.Act(now => call.Close(0, "", now)); }
        else { callee.Node.Act(now => answer.Close(0, "", now)); }
        if (back is not null) { callee.Node.Act(now => back.Close(0, "", now)); }

        void Exchange()
        {
            var expected = caller.StreamsReceived + callee.StreamsReceived + 2;
            scene.Send(caller, call, 1000);
            scene.Send(callee, answer, 1000);
            scene.Until(
                () => caller.StreamsReceived + callee.StreamsReceived == expected, 60,
                () => $"round {round}, {trouble}: {RoamingScene.Describe(call)}; {RoamingScene.Describe(answer)}");
        }
    }

    private static SimulatedRouter AddHome(RoamingScene scene, int number) =>
        scene.Internet.AddRouter($"router {number}", Short(SimulatedHome.OptionsOf(NatKind.PortRestricted)), $"203.0.113.{number}");

    private static RouterOptions Short(RouterOptions options) => options with { StreamTimeout = TimeSpan.FromSeconds(30), UnrepliedTimeout = TimeSpan.FromSeconds(30) };
}
