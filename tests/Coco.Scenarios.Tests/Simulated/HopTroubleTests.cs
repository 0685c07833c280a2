using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Members of the mesh that die, refuse, run in circles or do harm while others' connections go through them.</summary>
public sealed class HopTroubleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Hop_that_dies_without_a_word_is_replaced_within_a_second_and_no_byte_is_lost()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare();
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(5 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        var first = mesh.HopOf(call, alice, bob, dave);

        first.Node.Stop();
        mesh.Internet.RunFor(10 * Second);
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, Second);
        Assert.NotSame(first, mesh.HopOf(call, alice, bob, dave));
        Assert.Equal((VerdictCode.ThroughMesh, VerdictCode.ThroughMesh), (call.Verdict!.Code, answer.Verdict!.Code));
        mesh.Scene.End(someAreDead: true);
    }

    [Fact]
    public void Hop_whose_far_link_dies_without_a_word_is_replaced_and_no_byte_is_lost()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare();
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(5 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        var first = mesh.HopOf(call, alice, bob, dave);

        var lost = first.Node.Host.Interfaces[0].Addresses[0];
        carol.Node.Host.Interfaces[0].Cable.Change(options => options with { Drops = packet => packet.Source.HasSameHost(lost) || packet.Destination.HasSameHost(lost) });
        mesh.Internet.RunFor(10 * Second);
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, Second);
        Assert.NotSame(first, mesh.HopOf(call, alice, bob, dave));
        Assert.Equal((VerdictCode.ThroughMesh, VerdictCode.ThroughMesh), (call.Verdict!.Code, answer.Verdict!.Code));
        mesh.Scene.End(someAreDead: true);
    }

    [Fact]
    public void Hop_that_does_not_answer_a_call_is_not_waited_for()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, _) = mesh.AddSquare();
        var bobs = bob.Node.Host.Interfaces[0].Addresses[0];
        carol.Node.Host.Interfaces[0].Cable.Change(options => options with { Drops = packet => packet.Source.HasSameHost(bobs) || packet.Destination.HasSameHost(bobs) });
        mesh.Connect(alice, carol, 1.5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hop_that_says_that_it_goes_is_replaced_at_once(bool nearLink)
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare();
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(5 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        var first = mesh.HopOf(call, alice, bob, dave);
        var end = nearLink ? alice : carol;

        mesh.Map.Remove(first.Id, end.Id);
        first.Node.Act(now => first.Connections.First(each => each.PeerId == end.Id).Close(0, "", now));
        mesh.Internet.RunFor(5 * Second);
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        Assert.NotSame(first, mesh.HopOf(call, alice, bob, dave));
        mesh.Scene.End();
    }

    [Fact]
    public void Forwarder_that_drops_reorders_and_replays_denies_service_and_no_more()
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Chain(alice, bob, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        bob.Node.Host.Interfaces[0].Cable.Change(static options => options with { Loss = 0.03, Reorder = 0.2, Duplicate = 0.3, Jitter = TimeSpan.FromMilliseconds(5) });
        mesh.Scene.Send(alice, call, 300_000);
        mesh.Scene.Send(carol, answer, 300_000);
        mesh.Scene.End(120);
        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, answer.State));
    }

    [Fact]
    public void Node_that_refuses_to_forward_is_gone_around()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare();
        mesh.Map.Refusing.Add(bob.Id);
        var (call, answer) = mesh.Connect(alice, carol);
        Assert.Same(dave, mesh.HopOf(call, alice, bob, dave));
        mesh.Map.Refusing.Add(dave.Id);
        var vain = mesh.Call(alice, carol);
        mesh.Scene.Until(() => vain.State is RoamingState.Closed, 20, () => RoamingScene.Describe(vain));
        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, answer.State));
        Assert.Equal(0, bob.Endpoint.HopStatistics.Packets);
    }

    [Fact]
    public void Neighbour_that_is_not_trusted_forwards_nothing_and_is_forwarded_nothing()
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Chain(alice, bob, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Scene.Send(alice, call, 10_000);
        mesh.Scene.End();

        bob.Node.Act(_ => bob.Connections.First(each => each.PeerId == carol.Id).SetNeighbour(false));
        mesh.Internet.RunFor(Second);
        Assert.Equal(0, bob.Endpoint.HopStatistics.Sessions);
        Assert.Equal((VerdictCode.NoPath, VerdictCode.NoPath), (call.Verdict!.Code, answer.Verdict!.Code));

        bob.Node.Act(_ => bob.Connections.First(each => each.PeerId == carol.Id).SetNeighbour(true));
        mesh.Scene.Until(() => MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), 15, () => MeshScene.Describe(call, answer));
    }

    [Fact]
    public void Circle_of_hops_is_refused()
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(), dave = mesh.AddPublic(), erin = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Chain(alice, bob, dave, erin);
        mesh.Join(erin, bob);
        (mesh.Map.Forced[bob.Id], mesh.Map.Forced[dave.Id], mesh.Map.Forced[erin.Id]) = (dave.Id, erin.Id, bob.Id);
        mesh.Map.Add(bob.Id, carol.Id);
        var call = mesh.Call(alice, carol);
        mesh.Internet.RunFor(Second);
        Assert.InRange(bob.Endpoint.HopStatistics.Refused, 1, 20);
        mesh.Scene.Until(() => call.State is RoamingState.Closed, 20, () => RoamingScene.Describe(call));
        Assert.All([bob, dave, erin], static peer => Assert.Equal(0, peer.Endpoint.HopStatistics.Sessions));
    }
}
