using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Connections through other members of the mesh, where there is no direct way and no relay. That nobody between sees plaintext, the
/// scene looks at with every packet.</summary>
public sealed class HopTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Nodes_that_cannot_reach_each_other_talk_through_a_common_neighbour()
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Chain(alice, bob, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
        Assert.Contains($"next hop: {bob.Id}", call.Verdict!.Evidence);

        mesh.Scene.Send(alice, call, 1_000_000);
        mesh.Scene.Send(carol, answer, 1_000_000);
        mesh.Scene.End();
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
        Assert.InRange(bob.Endpoint.HopStatistics.Bytes, 2_000_000, 3_000_000);

        alice.Node.Act(now => call.Close(7, "done", now));
        mesh.Internet.RunFor(TimeSpan.FromMilliseconds(200));
        Assert.Equal(7UL, answer.CloseReason!.Code);
        Assert.All([alice, bob, carol], static peer => Assert.Equal(0, peer.Endpoint.HopStatistics.Sessions));
    }

    [Theory]
    [InlineData(1500)]
    [InlineData(1280)] // the smallest link of IPv6: whatever the number of hops, 1,200 bytes fit
    public void Way_may_have_four_hops_over_narrow_links(int mtu)
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddHidden(), bob = mesh.AddPublic(), dave = mesh.AddPublic(), erin = mesh.AddPublic(), carol = mesh.AddHidden();
        foreach (var peer in (RoamingPeer[])[alice, bob, dave, erin, carol]) { peer.Node.Host.Interfaces[0].Cable.Change(options => options with { Mtu = mtu, ReportsTooBig = false }); }
        mesh.Chain(alice, bob, dave, erin, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Scene.Send(alice, call, 500_000);
        mesh.Scene.Send(carol, answer, 500_000);
        mesh.Scene.End();
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
        Assert.All([bob, dave, erin], peer => Assert.InRange(peer.Endpoint.HopStatistics.Bytes, 1_000_000, 1_500_000));
    }

    [Fact]
    public void New_route_is_taken_when_it_is_told_and_once_in_ten_seconds()
    {
        using var mesh = new MeshScene();
        var (alice, carol, bob, dave) = mesh.AddSquare();
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(15 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        var changes = alice.PathChanges;
        for (var i = 0; i < 60; i++) // routes that flap twice a second
        {
            mesh.Map.Forced[alice.Id] = i % 2 == 0 ? dave.Id : bob.Id;
            alice.Node.Act(alice.Endpoint.HandleRoutesChanged);
            mesh.Internet.RunFor(0.5 * Second);
        }
        Assert.InRange(alice.PathChanges - changes, 1, 4);

        mesh.Map.Forced[alice.Id] = dave.Id;
        alice.Node.Act(alice.Endpoint.HandleRoutesChanged);
        mesh.Internet.RunFor(15 * Second);
        Assert.True(dave == mesh.HopOf(call, alice, bob, dave), string.Join("; ", call.Paths));
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        mesh.Internet.RunFor(60 * Second);
        Assert.InRange(bob.Endpoint.HopStatistics.Sessions + dave.Endpoint.HopStatistics.Sessions, 1, 2); // what is not used is given back
        mesh.Scene.End();
    }

    [Fact]
    public void Direct_way_is_taken_as_soon_as_there_is_one_and_the_mesh_given_back()
    {
        using var mesh = new MeshScene();
        RoamingPeer alice = mesh.AddPublic(), bob = mesh.AddPublic(), carol = mesh.AddPublic();
        mesh.Chain(alice, bob, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Scene.Stream(alice, call, carol, answer);
        mesh.Scene.UntilDirect(call, answer, 5);
        Assert.Equal(1, bob.Endpoint.HopStatistics.Sessions);
        mesh.Internet.RunFor(60 * Second);
        Assert.Equal(0, bob.Endpoint.HopStatistics.Sessions);

        // It dies, and the mesh is asked again.
        var carols = carol.Node.Host.Interfaces[0].Addresses[0];
        alice.Node.Host.Interfaces[0].Cable.Change(options => options with { Drops = packet => packet.Source.HasSameHost(carols) || packet.Destination.HasSameHost(carols) });
        mesh.Internet.RunFor(5 * Second);
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, Second);
        mesh.Scene.End();
    }

    [Fact]
    public void Neighbour_that_moves_takes_its_sessions_along()
    {
        using var mesh = new MeshScene();
        var home = SimulatedHome.Add(mesh.Internet, NatKind.Symmetric, 100);
        RoamingPeer alice = mesh.Add(home.Host, isPublic: false), bob = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Chain(alice, bob, carol);
        var (call, answer) = mesh.Connect(alice, carol);
        mesh.Internet.RunFor(5 * Second);
        mesh.Scene.Stream(alice, call, carol, answer);
        var way = call.ActivePath;
        var link = bob.Connections.First(each => each.PeerId == alice.Id);
        var before = link.ActivePath;

        home.Router!.Reboot(); // Alice has another outer port
        mesh.Internet.RunFor(10 * Second);
        Assert.NotEqual(before, link.ActivePath);
        Assert.Equal(way, call.ActivePath);
        Assert.InRange(MeshScene.LongestGap(alice, carol), TimeSpan.Zero, Second);
        mesh.Scene.End();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Links_of_neighbours_may_be_of_any_kind(bool isUdpBlocked)
    {
        using var mesh = new MeshScene();
        var alice = mesh.Add(isUdpBlocked ? NatKind.UdpBlocked : NatKind.None); // IPv4, and perhaps no UDP
        var bob = mesh.Add(mesh.Internet.AddHost("bob", "203.0.113.200", "2001:db8:1::1"), isPublic: true);
        var carol = mesh.Add(mesh.Internet.AddHost("carol", "2001:db8:2::1"), isPublic: true); // IPv6 only
        mesh.Join(alice, bob);
        mesh.Join(carol, bob);
        var (call, answer) = mesh.Connect(alice, carol);
        Assert.Equal(isUdpBlocked ? LinkKind.Tcp : LinkKind.Udp, alice.Connections[0].ActivePath!.Value.Link.Kind);
        Assert.False(carol.Connections[0].ActivePath!.Value.Link.Remote.IsIpv4);
        mesh.Scene.Send(alice, call, 1_000_000);
        mesh.Scene.Send(carol, answer, 1_000_000);
        mesh.Scene.End();
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
    }

    [Fact]
    public void Neighbours_that_meet_at_a_relay_carry_sessions_too()
    {
        using var mesh = new MeshScene();
        RoamingOptions AtRelay(RoamingOptions options) => options with { Relays = [mesh.Scene.Relay.Info] };
        RoamingPeer alice = mesh.AddHidden(AtRelay), bob = mesh.AddHidden(AtRelay), dave = mesh.AddPublic(), carol = mesh.AddHidden();
        mesh.Scene.Settle();
        var link = alice.Call(bob, mesh.Scene.Relay.Info);
        mesh.Scene.Until(() => link.State is RoamingState.Connected && bob.Accepted.Count == 1, 5, () => RoamingScene.Describe(link));
        alice.Node.Act(_ => link.SetNeighbour(true));
        bob.Node.Act(_ => bob.Accepted[0].SetNeighbour(true));
        mesh.Map.Add(alice.Id, bob.Id);
        mesh.Chain(bob, dave, carol);

        var (call, answer) = mesh.Connect(alice, carol);
        Assert.True(link.ActivePath is { IsRelayed: true, IsMesh: false }, RoamingScene.Describe(link));
        mesh.Scene.Send(alice, call, 300_000);
        mesh.Scene.Send(carol, answer, 300_000);
        mesh.Scene.End();
        Assert.True(MeshScene.IsMesh(call) && MeshScene.IsMesh(answer), MeshScene.Describe(call, answer));
        Assert.InRange(bob.Endpoint.HopStatistics.Bytes, 600_000, 900_000);
    }
}
