using Coco.Cluster.Membership;
using Coco.Cluster.Members;

namespace Coco.Cluster.Tests.Members;

/// <summary>Nodes that keep the rows of <see cref="MemberTable.Self"/> and nothing else.</summary>
public sealed class MemberKeysOnlyTests
{
    private readonly MemberSimulation _world = new(71);
    private readonly SimulatedNode _owner;

    public MemberKeysOnlyTests()
    {
        _owner = _world.Create();
        _world.RunFor(0.1);
    }

    [Fact]
    public void A_guest_is_let_in_again_and_hears_all_anew()
    {
        var (one, two) = (_world.Admit(_owner, "one"), _world.Admit(_owner, "two"));
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        var key = one.Running.Discovery;
        RestartWithKeysOnly(one);

        Assert.True(one.Running.Discovery!.IsSame(key));
        Assert.Single(one.Running.Members);
        _world.Connect(two, one);
        Assert.True(_world.RunUntil(() => _world.AllReachable() && _world.HaveOneState(), 30));
        Assert.Equal(["first", "one", "two"], one.Running.Members.Select(member => member.Name));
        Assert.DoesNotContain(one.Events, happened => happened is MemberEvent.SelfRemoved);
    }

    [Fact]
    public void Who_was_let_in_by_an_admin_waits_until_it_hears_of_the_admin()
    {
        var admin = _world.Admit(_owner, "admin");
        _world.Act(_owner, member => member.GrantRole(admin.Keys.UserId, Role.Admin, _world.Now));
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        var one = _world.Admit(admin, "one");
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        RestartWithKeysOnly(one);

        _world.RunFor(1);
        Assert.DoesNotContain(one.Events, happened => happened is MemberEvent.SelfRemoved);
        _world.Connect(one, _owner);
        Assert.True(_world.RunUntil(() => _world.AllReachable() && _world.HaveOneState(), 30));
    }

    [Fact]
    public void Who_was_removed_meanwhile_is_not_let_in()
    {
        var one = _world.Admit(_owner, "one");
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        _world.Crash(one);
        _world.Act(_owner, member => member.RemoveNode(one.Id, _world.Now));
        _world.RunFor(5);
        RestartWithKeysOnly(one);
        _world.Connect(one, _owner);

        Assert.True(_world.RunUntil(() => _owner.Dismissed.Contains((one.Id, MemberDisconnect.Removed)), 30));
        _world.RunFor(5);
        Assert.Empty(one.Links);
        Assert.DoesNotContain(one.Id, _owner.Running.Members.Select(member => member.Id));
    }

    [Fact]
    public void An_admin_states_nothing_before_it_has_heard_what_it_stated()
    {
        var admin = _world.Admit(_owner, "admin");
        _world.Act(_owner, member => member.GrantRole(admin.Keys.UserId, Role.Admin, _world.Now));
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        _world.Act(admin, member => member.Rename(admin.Id, "one", _world.Now));
        _world.RunFor(1);
        RestartWithKeysOnly(admin);

        Assert.Throws<MembershipException>(() => admin.Running.Rename(admin.Id, "two", _world.Now));
        _world.Connect(_owner, admin);
        Assert.True(_world.RunUntil(() => _world.AllReachable() && _world.HaveOneState(), 30));
        _world.Act(admin, member => member.Rename(admin.Id, "two", _world.Now));
        _world.RunFor(1);
        Assert.True(_owner.Running.TryFind("two", out _));
        Assert.DoesNotContain(_owner.Events, happened => happened is MemberEvent.Equivocation);
    }

    [Fact]
    public void An_owner_states_nothing_before_it_has_heard_what_it_stated()
    {
        var one = _world.Admit(_owner, "one");
        Assert.True(_world.RunUntil(_world.AllReachable, 10));
        RestartWithKeysOnly(_owner);

        var behind = Assert.Throws<MembershipException>(() => _owner.Running.Rename(one.Id, "other", _world.Now));
        Assert.Equal(MembershipError.Behind, behind.Code);
        _world.Connect(one, _owner);
        Assert.True(_world.RunUntil(() => _world.AllReachable() && _world.HaveOneState(), 30));
        _world.Act(_owner, member => member.Rename(one.Id, "other", _world.Now));
        _world.RunFor(1);
        Assert.True(one.Running.TryFind("other", out _));
        Assert.DoesNotContain(one.Events, happened => happened is MemberEvent.Equivocation);
    }

    private void RestartWithKeysOnly(SimulatedNode node)
    {
        if (node.Member is not null) { _world.Crash(node); }
        foreach (var key in node.Disk.Keys.Where(key => key.Table is not MemberTable.Self).ToArray()) { node.Disk.Remove(key); }
        _world.RunFor(5);
        _world.Restart(node);
    }
}
