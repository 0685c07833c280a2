using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Finding;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Direct paths that die while data is under way, and networks that are gone for a while.</summary>
public sealed class PathDeathTests
{
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(150);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Direct_path_that_dies_is_left_within_three_probe_timeouts_and_taken_again_when_it_is_back(bool diesUp, bool diesDown)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);
        var timeout = Max(call.Quic!.ProbeTimeout, answer.Quic!.ProbeTimeout);

        var cable = caller.Node.Host.Interfaces[0].Cable;
        cable.Up.Options = cable.Up.Options with { Drops = packet => diesUp && scene.IsPastRelays(packet) };
        cable.Down.Options = cable.Down.Options with { Drops = packet => diesDown && scene.IsPastRelays(packet) };
        scene.Internet.RunFor(TimeSpan.FromSeconds(8));
        Assert.InRange(Max(caller.LongestGap, callee.LongestGap), TimeSpan.Zero, (3 * timeout) + Margin);
        Assert.Equal((VerdictCode.DirectPathDied, VerdictCode.DirectPathDied), (call.Verdict!.Code, answer.Verdict!.Code));

        cable.Change(static options => options with { Drops = null });
        scene.UntilDirect(call, answer, 90);
        scene.Internet.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((VerdictCode.Direct, VerdictCode.Direct), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Theory]
    [InlineData(1, NatKind.PortRestricted)]
    [InlineData(5, NatKind.PortRestricted)]
    [InlineData(30, NatKind.PortRestricted)]
    [InlineData(1, NatKind.Symmetric)]
    [InlineData(5, NatKind.Symmetric)]
    [InlineData(30, NatKind.Symmetric)]
    [InlineData(30, NatKind.UdpBlocked)]
    public void Outage_ends_with_the_outage_and_is_called_one(int seconds, NatKind kind)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(kind, 1), callee = scene.Add(kind, 2);
        var (call, answer) = scene.Connect(caller, callee);
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.Stream(caller, call, callee, answer);

        caller.Node.Host.Interfaces[0].Cable.IsUnplugged = true;
        scene.Internet.RunFor(TimeSpan.FromSeconds(seconds));
        if (seconds > 5) { Assert.Equal((VerdictCode.NoPath, VerdictCode.NoPath), (call.Verdict!.Code, answer.Verdict!.Code)); }
        caller.Node.Host.Interfaces[0].Cable.IsUnplugged = false;
        scene.Internet.RunFor(TimeSpan.FromSeconds(kind is NatKind.UdpBlocked ? 60 : 20)); // what has died is not trusted for ten seconds
        Assert.InRange(Max(caller.LongestGap, callee.LongestGap), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds + (kind is NatKind.UdpBlocked ? 3 : 2)));
        var expected = kind switch
        {
            NatKind.PortRestricted => VerdictCode.Direct,
            NatKind.Symmetric => VerdictCode.BothAddressDependent,
            _ => VerdictCode.UdpBlockedHere,
        };
        Assert.Equal((expected, expected), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nat_that_forgets_every_five_seconds_holds_up_a_transfer_shortly_and_loses_no_byte(bool callerReceives)
    {
        using var scene = new RoamingScene();
        var home = SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 1);
        RoamingPeer caller = scene.Add(home.Host, listens: new()), callee = scene.Add(NatKind.PortRestricted, 2);
        home.Host.Interfaces[0].Cable.Change(static options => options with { BytesPerSecond = 250_000 });
        var (call, answer) = scene.ConnectDirectly(caller, callee);

        var from = callerReceives ? callee : caller;
        var to = callerReceives ? caller : callee;
        to.WatchGaps();
        scene.Send(from, callerReceives ? answer : call, 10_000_000);
        for (var i = 0; i < 6; i++)
        {
            scene.Internet.RunFor(TimeSpan.FromSeconds(5));
            home.Router!.Reboot();
        }
        scene.Internet.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(0, to.StreamsReceived); // else the transfer was over before the router had done its worst
        Assert.InRange(to.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.All([call, answer], static end => Assert.Contains(end.Verdict!.Code, RoamingScene.IsDirectUdp(end) ? [VerdictCode.Direct] : new[] { VerdictCode.DirectPathDied, VerdictCode.StillProbing }));

        scene.UntilDirect(call, answer, 90);
        scene.Internet.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal((VerdictCode.Direct, VerdictCode.Direct), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End(60);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
