using Coco.Cluster.Certificates;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Cluster.Policies;
using Coco.Cluster.Tests.Attacks;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Members;

public sealed class MemberActsTests
{
    [Fact]
    public void What_users_change_is_known_to_all()
    {
        var world = Three(out var owner, out var one, out var two);
        world.Act(owner, member => member.Rename(one.Id, "kitchen", world.Now));
        world.Act(owner, member => member.GrantRole(two.Keys.UserId, Role.Admin, world.Now));
        world.Act(owner, member => member.SetControlPlanes([new(NodeId.Read(new byte[32]), "wss://control.example")], world.Now));
        Assert.True(Policy.TryParse("coco policy 1\nallow service ssh from role admin\n", out var policy, out _));
        world.Act(owner, member => member.SetPolicy(policy, world.Now));
        world.RunFor(1);

        Assert.True(world.HaveOneState());
        Assert.True(two.Running.TryFind("kitchen", out var found) && found == one.Id);
        Assert.Equal(Role.Admin, one.Running.State.RoleOf(two.Keys.UserId));
        Assert.True(one.Running.Decide(two.Id, PolicyKind.Service, "ssh").IsAllowed);
        Assert.False(two.Running.Decide(one.Id, PolicyKind.Service, "ssh").IsAllowed);
        Assert.True(two.Running.Decide(owner.Id, PolicyKind.Service, "ssh").IsAllowed);
    }

    [Fact]
    public void More_nodes_stay_than_one_statement_lists_when_whoever_let_them_in_goes()
    {
        var world = Three(out var owner, out var one, out _);
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        var tenure = one.Running.State.AuthorityOf(one.Keys.UserId)!.Value;
        var admitted = new List<NodeCertificate>();
        for (var i = 0; i < 801; i++)
        {
            var keys = MemberKeys.Generate(world.Dice.Source);
            var wish = MemberSimulation.WishOf(new(-1, keys), one.Running.Network, $"node {i}");
            var admission = world.Act(one, member => member.Admit(new(member.Network, keys.Node.Id, wish, null), new(Role.Guest, default, 0), world.Now));
            admitted.Add(NodeCertificate.Read(admission.Certificate.Span)!);
        }
        world.Act(one, member => member.RevokeGrant(tenure, world.Now));
        world.RunFor(5);

        Assert.Equal(Role.Owner, owner.Running.State.RoleOf(owner.Keys.UserId));
        Assert.Empty(owner.Running.State.Admins);
        Assert.All(admitted, certificate => Assert.Equal(CertificateVerdict.Valid, owner.Running.State.Check(certificate, 0)));
        var late = HostileMember.Sign(one.Keys.User, tenure, one.Running.Network, MemberKeys.Generate(world.Dice.Source));
        Assert.Equal(CertificateVerdict.OfficeClosed, owner.Running.State.Check(late, 0));

        // The list is in snapshots, too.
        world.Act(owner, member => { member.Compact(world.Now); return 0; });
        var newcomer = WelcomeStatements.Load(owner.Running.Network, owner.Running.StatementsForNewcomer(), new());
        Assert.All(admitted, certificate => Assert.Equal(CertificateVerdict.Valid, newcomer.State.Check(certificate, 0)));
    }

    [Fact]
    public void Access_to_a_resource_is_granted_and_decided_where_it_is_used()
    {
        var world = Three(out var owner, out var one, out var two);
        Assert.True(ResourcePattern.TryParse("home/door/#", out var door));
        world.Act(owner, member => member.GrantResource(ResourceGrant.ToUser(one.Keys.UserId, door, ["open"]), world.Now));
        world.RunFor(1);

        Assert.True(two.Running.CheckGrant(one.Id, "home/door/front", "open", world.Now).IsAllowed);
        Assert.False(two.Running.CheckGrant(one.Id, "home/door/front", "lock", world.Now).IsAllowed);
        Assert.False(one.Running.CheckGrant(two.Id, "home/door/front", "open", world.Now).IsAllowed);
    }

    [Fact]
    public void Two_admins_who_act_at_once_end_in_one_state()
    {
        var world = Three(out var owner, out var one, out var two);
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.Act(owner, member => member.GrantRole(two.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        var third = world.Admit(one, "three");
        world.RunFor(2);
        world.Partition(node => node == one ? 1 : 0);
        world.RunFor(5);
        world.Act(one, member => member.Rename(third.Id, "by one", world.Now));
        world.Act(two, member => member.Rename(third.Id, "by two", world.Now));
        world.Act(one, member => member.RemoveUser(two.Keys.UserId, world.Now));
        world.RunFor(5);
        world.Partition(_ => 0);

        Assert.True(world.RunUntil(() => world.Up.Where(node => node != two).Select(MemberSimulation.StateOf).Distinct().Count() == 1, 60));
        Assert.DoesNotContain(two.Id, owner.Running.Members.Select(member => member.Id));
    }

    [Fact]
    public void Ownership_is_handed_over_and_recovered()
    {
        var recovery = IdentityKey.FromSeed(new byte[32]);
        var world = new MemberSimulation(12);
        var owner = world.Create(new() { Name = "home", NodeName = "first", App = new("chat"), Recovery = recovery.Id });
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));

        var consent = owner.Running.ConsentToOwn(one.Keys.User);
        world.Act(owner, member => member.TransferOwnership(one.Keys.UserId, consent, recovery.Id, world.Now));
        world.RunFor(1);
        Assert.All(world.Nodes, node => Assert.Equal(one.Keys.UserId, node.Running.State.Owner));

        world.Act(two, member => member.Recover(recovery, two.Keys.UserId, default, world.Now));
        world.RunFor(1);
        Assert.All(world.Nodes, node => Assert.Equal(two.Keys.UserId, node.Running.State.Owner));
        Assert.True(world.HaveOneState());
    }

    [Fact]
    public void An_admin_goes_on_with_another_key()
    {
        var world = Three(out var owner, out var one, out _);
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        var next = IdentityKey.Generate(world.Dice.Source);
        world.Act(one, member => member.RotateUserKey(next, world.Now));
        world.RunFor(2);

        Assert.Equal(Role.Admin, owner.Running.State.RoleOf(new(next.Id)));
        Assert.Equal(new UserId(next.Id), owner.Running.Members.Single(member => member.Id == one.Id).User);
        world.Crash(one);
        world.Restart(one);
        Assert.Equal(new UserId(next.Id), one.Running.Keys.UserId);
        Assert.True(world.RunUntil(world.AllReachable, 20));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)] // of whom the owner is linked with few
    public void An_owner_goes_on_with_another_key(int count)
    {
        var world = new MemberSimulation(15);
        var owner = world.Create();
        world.RunFor(0.1);
        for (var i = 1; i < count; i++) { world.Admit(owner, $"node {i}"); }
        Assert.True(world.RunUntil(world.AllReachable, 60));
        var next = IdentityKey.Generate(world.Dice.Source);
        world.Act(owner, member => member.RotateUserKey(next, world.Now));

        Assert.True(world.RunUntil(() => world.Nodes.TrueForAll(node => IsOwners(node, owner, next)), 2));
    }

    [Fact]
    public void An_owners_other_key_is_known_to_who_was_away_and_hears_of_it_from_others()
    {
        var world = Three(out var owner, out var one, out var two);
        world.Partition(node => node == two ? 1 : 0);
        var next = IdentityKey.Generate(world.Dice.Source);
        world.Act(owner, member => member.RotateUserKey(next, world.Now));
        Assert.True(world.RunUntil(() => IsOwners(one, owner, next), 2));
        world.Partition(node => node == owner ? 1 : 0);

        Assert.True(world.RunUntil(() => IsOwners(two, owner, next), 120));
    }

    private static bool IsOwners(SimulatedNode seenBy, SimulatedNode node, IdentityKey key) =>
        seenBy.Running.Members.Single(member => member.Id == node.Id) is { Role: Role.Owner } seen && seen.User == new UserId(key.Id);

    [Fact]
    public void A_node_that_moves_sees_another_part_of_the_network()
    {
        var world = Three(out var owner, out var one, out _);
        world.Act(owner, member => member.MoveToSubCluster(one.Id, SubClusterId.Core, world.Now));

        Assert.True(world.RunUntil(() => world.AllReachable() && world.Nodes.TrueForAll(node => node.Running.Members.Single(member => member.Id == one.Id).IsCore), 30));
        Assert.True(one.Running.MayForward(owner.Id, one.Id));
    }

    [Fact]
    public void A_node_that_lost_its_sponsor_as_it_joined_calls_it_after_a_restart()
    {
        var world = new MemberSimulation(14);
        var owner = world.Create();
        world.RunFor(0.1);
        world.Act(owner, member => member.Invite(new(Role.Guest, default, 2_000_000_000), null, world.Now));
        world.RunFor(0.1);
        Assert.True(owner.Tickets.TryDequeue(out var ticket));
        var node = world.Add(static node => node.Group = 1);

        Assert.True(world.Join(node, ticket, owner, "one"));
        world.RunFor(5);
        Assert.False(world.AllReachable());
        world.Crash(node);
        world.Partition(static _ => 0);
        world.RunFor(60);
        world.Restart(node);

        Assert.True(world.RunUntil(world.AllReachable, 10));
    }

    [Fact]
    public void A_ticket_lets_one_node_in()
    {
        var world = new MemberSimulation(13);
        var owner = world.Create();
        world.RunFor(0.1);
        world.Act(owner, member => member.Invite(new(Role.Admin, default, 2_000_000_000), null, world.Now));
        world.RunFor(0.1);
        Assert.True(owner.Tickets.TryDequeue(out var ticket));
        var (one, two) = (world.Add(), world.Add());

        Assert.True(world.Join(one, ticket, owner, "one"));
        Assert.False(world.Join(two, ticket, owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        Assert.Equal(Role.Admin, one.Running.State.RoleOf(one.Keys.UserId));
        Assert.Contains(owner.Events, happened => happened is MemberEvent.Joined joined && joined.Node == one.Id);
        world.Act(one, member => member.Invite(new(Role.Guest, default, 2_000_000_000), null, world.Now));
        world.RunFor(0.1);
        Assert.True(one.Tickets.TryDequeue(out var second));
        Assert.True(world.Join(two, second, one, "two"));
        Assert.True(world.RunUntil(() => world.AllReachable() && world.HaveOneState(), 10));
    }

    [Fact]
    public void Who_was_away_while_the_log_was_compacted_and_who_is_new_begin_with_the_snapshot()
    {
        var world = Three(out var owner, out var one, out var two);
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        world.Crash(two);
        for (var i = 0; i < 20; i++) { world.Act(owner, member => member.Rename(one.Id, $"name {i}", world.Now)); }
        world.Act(owner, member => { member.Compact(world.Now); return 0; });
        world.RunFor(1);
        var rows = owner.Disk.Count(row => row.Key.Table is MemberTable.Statements);
        Assert.InRange(rows, 1, 4);
        world.Crash(owner);
        world.Restart(owner);
        var fresh = world.Admit(owner, "fresh");
        world.Restart(two);

        Assert.True(world.RunUntil(() => world.AllReachable() && world.HaveOneState(), 30));
        Assert.True(fresh.Running.TryFind("name 19", out _));
        Assert.True(two.Running.TryFind("name 19", out _));
    }

    private static MemberSimulation Three(out SimulatedNode owner, out SimulatedNode one, out SimulatedNode two)
    {
        var world = new MemberSimulation(11);
        owner = world.Create();
        world.RunFor(0.1);
        (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        return world;
    }
}
