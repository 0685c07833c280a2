using Coco.Cluster.Membership;
using Coco.Cluster.Members;

namespace Coco.Cluster.Tests.Members;

public sealed class NetworkMemberTests
{
    [Fact]
    public void A_founder_owns_the_network_and_keeps_it_over_a_restart()
    {
        var world = new MemberSimulation(1);
        var owner = world.Create();
        world.RunFor(1);
        var before = MemberSimulation.StateOf(owner);
        world.Crash(owner);
        world.Restart(owner);

        Assert.Equal(owner.Keys.UserId, owner.Running.State.Owner);
        Assert.Equal(before, MemberSimulation.StateOf(owner));
        Assert.Equal("first", Assert.Single(owner.Running.Members).Name);
        Assert.NotNull(owner.Running.Discovery);
    }

    [Fact]
    public void Three_nodes_find_each_other_and_know_each_others_names()
    {
        var world = new MemberSimulation(2);
        var owner = world.Create();
        world.RunFor(0.1);
        var nodes = new[] { world.Admit(owner, "one"), world.Admit(owner, "two") };

        Assert.True(world.RunUntil(() => world.AllReachable() && world.HaveOneState() && world.Nodes.TrueForAll(node => node.Verified.Count == 2), 10));
        foreach (var node in world.Nodes)
        {
            Assert.Equal(["first", "one", "two"], node.Running.Members.Select(member => member.Name));
        }
        Assert.True(nodes[0].Running.TryFind("two", out var two) && two == nodes[1].Id);
    }

    [Fact]
    public void A_removed_node_loses_its_connections_everywhere_and_hears_why()
    {
        var world = new MemberSimulation(3);
        var owner = world.Create();
        world.RunFor(0.1);
        var victim = world.Admit(owner, "one");
        world.Admit(owner, "two");
        Assert.True(world.RunUntil(world.AllReachable, 10));

        owner.Running.RemoveNode(victim.Id, world.Now);
        world.Drain(owner);
        world.RunFor(1);

        Assert.Empty(victim.Links);
        Assert.Contains(victim.Events, happened => happened is MemberEvent.SelfRemoved);
        Assert.Equal(["first", "two"], owner.Running.Members.Select(member => member.Name));
        Assert.Throws<MembershipException>(() => victim.Running.Rename(victim.Id, "x", world.Now));
    }

    [Fact]
    public void Whoever_may_not_act_is_told_so_and_nothing_is_stated()
    {
        var world = new MemberSimulation(4);
        var owner = world.Create();
        world.RunFor(0.1);
        var guest = world.Admit(owner, "one");
        world.RunFor(2);
        var digest = MemberSimulation.StateOf(guest);

        var refused = Assert.Throws<MembershipException>(() => guest.Running.GrantRole(guest.Keys.UserId, Role.Admin, world.Now));
        Assert.Equal(MembershipError.NotAllowed, refused.Code);
        Assert.Equal(digest, MemberSimulation.StateOf(guest));
    }

    [Fact]
    public void What_a_link_takes_now_is_known_to_all_and_said_once()
    {
        var world = new MemberSimulation(5);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        world.RunFor(60);
        var said = owner.Running.Mesh.NextSequence;
        world.Act(owner, member => { member.HandleWay(one.Id, isLink: true, world.Now); return 0; });
        for (var i = 0; i < 100; i++)
        {
            world.Act(owner, member => { member.HandleRtt(one.Id, TimeSpan.FromMilliseconds(400 + (i % 7)), world.Now); return 0; });
            world.RunFor(0.2);
        }

        Assert.Equal(400, CostSeenBy(two, owner, one));
        Assert.Equal(said + 1, owner.Running.Mesh.NextSequence);
    }

    private static int CostSeenBy(SimulatedNode node, SimulatedNode from, SimulatedNode to)
    {
        var graph = node.Running.Mesh.Graph;
        var advertisement = graph[graph.SlotOf(from.Id)].Entries!.Advertisement;
        Assert.True(advertisement.TryFindLink(Coco.Cluster.Graph.NodeTag.Of(to.Id), out var link));
        return link.Cost;
    }
}
