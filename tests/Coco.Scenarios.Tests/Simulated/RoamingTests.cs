using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Whole roaming endpoints on simulated hosts.</summary>
public sealed class RoamingTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData(NatKind.None, 0.0)]
    [InlineData(NatKind.None, 0.02)]
    [InlineData(NatKind.Firewall, 0.0)]
    [InlineData(NatKind.PortRestricted, 0.0)]
    [InlineData(NatKind.Symmetric, 0.02)]
    public void Call_to_a_public_address_carries_a_megabyte_each_way(NatKind kind, double loss)
    {
        var internet = new SimulatedInternet(11);
        using var caller = new RoamingPeer(SimulatedHome.Add(internet, kind, 1).Host, 1);
        using var callee = new RoamingPeer(internet.AddHost("callee", "198.51.100.10"), 2, new() { UdpPort = 4433 });
        caller.Node.Host.Interfaces[0].Cable.Change(options => options with { Loss = loss });

        var call = caller.Call(callee, "198.51.100.10:4433");
        Assert.True(internet.RunUntil(() => callee.Accepted.Count == 1, TimeSpan.FromSeconds(5)), $"{call.State} {call.CloseReason}");
        caller.Send(call, Megabyte);
        callee.Send(callee.Accepted[0], Megabyte);
        Assert.True(
            internet.RunUntil(() => caller.StreamsReceived == 1 && callee.StreamsReceived == 1, TimeSpan.FromSeconds(30)),
            $"{caller.BytesReceived} and {callee.BytesReceived} of {Megabyte}");

        Assert.Equal((null, null), (caller.Fault, callee.Fault));
        Assert.Equal((Megabyte, Megabyte), (caller.BytesReceived, callee.BytesReceived));
        Assert.Equal((caller.Id, RoamingState.Connected), (callee.Accepted[0].PeerId, call.State));
    }

    [Fact]
    public void Call_into_a_home_is_not_answered()
    {
        var internet = new SimulatedInternet(11);
        using var caller = new RoamingPeer(internet.AddHost("caller", "198.51.100.10"), 1);
        using var callee = new RoamingPeer(SimulatedHome.Add(internet, NatKind.PortPreserving, 1).Host, 2, new() { UdpPort = 4433 });
        var call = caller.Call(callee, "203.0.113.1:4433");
        Assert.True(internet.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.FromMinutes(1)));
        Assert.Empty(callee.Accepted);
    }
}
