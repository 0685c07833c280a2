using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>
/// A member that agrees to pass on, answers every message about sessions as it should, and does harm to the datagrams. Streams arrive whole or by
/// another member; that nobody sees plaintext, the scene looks at with every packet.
/// </summary>
public sealed class HopAttackTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(HopHarm.DropAll)]
    [InlineData(HopHarm.DropSome)]
    [InlineData(HopHarm.Reorder)]
    [InlineData(HopHarm.Duplicate)]
    [InlineData(HopHarm.SwapPayloads)]
    public void Hop_that_turns_hostile_loses_no_byte_of_a_stream_where_there_is_another(HopHarm harm)
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare(hostile: true);
        var (call, answer) = mesh.Connect(alice, carol);
        var (second, back) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(5 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        mesh.Scene.Stream(alice, second, carol, back);
        var first = mesh.HopOf(call, alice, bob, dave);

        first.Hostile!.Harm = harm;
        mesh.Internet.RunFor(20 * Second);
        Assert.InRange(first.Hostile.Done, 1, int.MaxValue);
        mesh.Scene.End(60, someAreDead: harm is HopHarm.DropSome); // at times nothing passes
        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, answer.State));
        if (harm is HopHarm.DropAll)
        {
            Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, 2 * Second);
            Assert.NotSame(first, mesh.HopOf(call, alice, bob, dave));
        }
    }

    [Theory]
    [InlineData(HopHarm.DropSome)]
    [InlineData(HopHarm.Reorder)]
    [InlineData(HopHarm.Duplicate)]
    [InlineData(HopHarm.SwapPayloads)]
    public void Only_hop_that_does_harm_delays_streams_and_changes_no_byte_of_them(HopHarm harm)
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(isHostile: true), carol = mesh.AddHidden(), erin = mesh.AddHidden();
        mesh.Chain(alice, bob, carol);
        mesh.Join(erin, bob);
        var (call, answer) = mesh.Connect(alice, carol);
        var (other, back) = mesh.Connect(erin, carol);
        bob.Hostile!.Harm = harm;
        mesh.Scene.Send(alice, call, 200_000);
        mesh.Scene.Send(carol, answer, 200_000);
        mesh.Scene.Send(erin, other, 200_000);
        mesh.Scene.Send(carol, back, 200_000);
        mesh.Scene.End(120);

        Assert.InRange(bob.Hostile.Done, 10, int.MaxValue);
        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, other.State));
        Assert.InRange(bob.Endpoint.HopStatistics.Sessions, 2, 4);
    }

    [Fact]
    public void Hop_that_opens_a_session_and_drops_the_handshake_is_gone_around()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare(hostile: true);
        mesh.Map.Forced[alice.Id] = bob.Id;
        bob.Hostile!.Harm = HopHarm.DropAll;
        var call = mesh.Call(alice, carol);
        mesh.Internet.RunFor(0.5 * Second);
        mesh.Map.Forced.Clear();
        Assert.InRange(bob.Hostile.Done, 1, int.MaxValue);
        mesh.Scene.Until(() => call.State is RoamingState.Connected, 15, () => RoamingScene.Describe(call));

        Assert.Same(dave, mesh.HopOf(call, alice, bob, dave));
        mesh.Scene.Send(alice, call, 100_000);
        mesh.Scene.End();
    }
}
