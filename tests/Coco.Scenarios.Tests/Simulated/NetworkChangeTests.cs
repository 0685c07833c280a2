using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Nodes that go from one network to the next while data is under way.</summary>
public sealed class NetworkChangeTests
{
    private const int Changes = 20;

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    public void Twenty_changes_of_network_in_a_row_interrupt_shortly_and_lose_nothing(bool callerMoves, bool calleeMoves, bool isTold)
    {
        using var scene = new RoamingScene();
        var (callerHomes, calleeHomes) = (AddHomes(scene.Internet, 20), AddHomes(scene.Internet, 40));
        SimulatedHost callerHost = scene.Internet.AddHost("caller"), calleeHost = scene.Internet.AddHost("callee");
        callerHost.MoveTo(callerHomes[2].Inside, "192.168.1.10");
        calleeHost.MoveTo(calleeHomes[2].Inside, "192.168.1.20");
        (callerHost.ReportsChanges, calleeHost.ReportsChanges) = (isTold, isTold);
        RoamingPeer caller = scene.Add(callerHost), callee = scene.Add(calleeHost);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);

        for (var i = 0; i < Changes; i++)
        {
            if (callerMoves) { callerHost.MoveTo(callerHomes[i % 3].Inside, "192.168.1.10"); }
            if (calleeMoves) { calleeHost.MoveTo(calleeHomes[i % 3].Inside, "192.168.1.20"); }
            scene.Internet.RunFor(TimeSpan.FromSeconds(8));
            var limit = TimeSpan.FromSeconds(isTold ? 1 : 3);
            Assert.InRange(caller.LongestGap, TimeSpan.Zero, limit);
            Assert.InRange(callee.LongestGap, TimeSpan.Zero, limit);
        }
        scene.UntilDirect(call, answer, 30);
        scene.End();
    }

    private static SimulatedRouter[] AddHomes(SimulatedInternet internet, int number) =>
        [.. Enumerable.Range(number, 3).Select(each => internet.AddRouter($"router {each}", SimulatedHome.OptionsOf(NatKind.PortRestricted), $"203.0.113.{each}"))];
}
