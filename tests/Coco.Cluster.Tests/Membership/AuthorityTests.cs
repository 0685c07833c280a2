using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>Who may do what, and who prevails.</summary>
public sealed class AuthorityTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);
    private readonly Party _carl = Party.Knowing(5);

    [Fact]
    public void A_network_begins_with_its_owner_and_nobody_else()
    {
        Assert.Equal((_owner.User, Role.Owner, "home"), (_owner.State.Owner, _owner.State.RoleOf(_owner.User), _owner.State.Name));
        Assert.Equal(Role.None, _owner.State.RoleOf(_anna.User));
        Assert.Equal(Samples.Key(2).Id, _owner.State.Recovery.Key);
    }

    [Fact]
    public void An_admin_appointed_by_an_admin_falls_with_the_appointment()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var appointment = _anna.MakesAdmin(_bert);
        _bert.Meets(_anna);
        _bert.SetsPolicy(7);
        _owner.Meets(_bert);
        Assert.Equal(Role.Admin, _owner.State.RoleOf(_bert.User));
        Assert.Equal([7], _owner.State.Policy.ToArray());

        _owner.RevokesUser(_anna, cut: new(0, default)); // nothing anna ever did

        Assert.Equal((Role.None, Role.None), (_owner.State.RoleOf(_anna.User), _owner.State.RoleOf(_bert.User)));
        Assert.True(_owner.State.Policy.IsEmpty);
        Assert.Equal(VoidReason.BeyondCut, _owner.Log.ReasonOf(appointment.Id));
    }

    [Fact]
    public void What_lies_before_the_cut_stays()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        _anna.SetsPolicy(1);
        _owner.Meets(_anna);
        var later = _anna.SetsPolicy(2);
        _owner.RevokesUser(_anna); // having seen the first only
        _owner.Meets(_anna);

        Assert.Equal([1], _owner.State.Policy.ToArray());
        Assert.Equal([1], _anna.State.Policy.ToArray());
        Assert.Equal(VoidReason.BeyondCut, _owner.Log.ReasonOf(later.Id));
    }

    [Fact]
    public void Of_two_admins_that_revoke_each_other_the_one_appointed_first_prevails()
    {
        _owner.MakesAdmin(_anna);
        _owner.MakesAdmin(_bert);
        _anna.Meets(_owner);
        _bert.Meets(_owner);
        _anna.RevokesUser(_bert);
        var vain = _bert.RevokesUser(_anna);
        _anna.Meets(_bert);

        Assert.Equal((Role.Admin, Role.None), (_bert.State.RoleOf(_anna.User), _bert.State.RoleOf(_bert.User)));
        Assert.Equal(VoidReason.BeyondCut, _bert.Log.ReasonOf(vain.Id));
    }

    [Fact]
    public void An_admin_can_revoke_neither_the_owner_nor_a_senior_admin()
    {
        _owner.MakesAdmin(_anna);
        var second = _owner.MakesAdmin(_bert);
        _anna.Meets(_owner);
        _bert.Meets(_owner);
        var ofOwner = _bert.RevokesUser(_owner);
        var ofAnna = _bert.RevokesUser(_anna);
        var ofEpoch = _bert.Says(new StatementBody.Revoke(RevokeKind.Grant, _bert.State.OwnerAuthority, default, Keep.None));
        _owner.Meets(_bert);

        Assert.Equal(VoidReason.TouchesOwner, _owner.Log.ReasonOf(ofOwner.Id));
        Assert.Equal(VoidReason.NotJunior, _owner.Log.ReasonOf(ofAnna.Id));
        Assert.Equal(VoidReason.TouchesOwner, _owner.Log.ReasonOf(ofEpoch.Id));
        Assert.Equal((Role.Owner, Role.Admin, Role.Admin), (_owner.State.RoleOf(_owner.User), _owner.State.RoleOf(_anna.User), _owner.State.RoleOf(_bert.User)));
        Assert.Equal(second.Id, _owner.State.AuthorityOf(_bert.User));
    }

    [Fact]
    public void A_revoked_user_is_welcome_again_by_a_grant_that_names_the_revocation()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var ban = _anna.RevokesUser(_bert);
        _owner.Says(new StatementBody.GrantRole(_bert.User, Role.Guest, []));
        _owner.Meets(_anna);
        Assert.Equal(Role.None, _owner.State.RoleOf(_bert.User)); // the grant did not see the revocation

        _owner.Says(new StatementBody.GrantRole(_bert.User, Role.Guest, [ban.Id]));
        Assert.Equal(Role.Guest, _owner.State.RoleOf(_bert.User));
    }

    [Fact]
    public void A_junior_cannot_lift_what_a_senior_revoked()
    {
        var ban = _owner.RevokesUser(_bert);
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        _anna.MakesAdmin(_bert, ban.Id);

        Assert.Equal(Role.None, _anna.State.RoleOf(_bert.User));
        Assert.Contains(_bert.User, _anna.State.RevokedUsers);
    }

    [Fact]
    public void An_old_tenure_does_not_come_back_with_a_new_one()
    {
        var first = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var ban = _owner.RevokesUser(_anna);
        var second = _owner.MakesAdmin(_anna, ban.Id);
        _anna.Meets(_owner);
        var old = _anna.Says(new StatementBody.SetPolicy(new byte[] { 1 }), first.Id);
        Assert.Equal(VoidReason.BeyondCut, _anna.Log.ReasonOf(old.Id));
        _anna.Says(new StatementBody.SetPolicy(new byte[] { 2 }), second.Id);
        Assert.Equal([2], _anna.State.Policy.ToArray());
    }

    [Fact]
    public void An_admin_may_resign()
    {
        var tenure = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        _anna.Says(new StatementBody.Revoke(RevokeKind.Grant, tenure.Id, default, Keep.All));
        var later = _anna.Says(new StatementBody.SetPolicy(new byte[] { 1 }), tenure.Id);

        Assert.Equal(Role.None, _anna.State.RoleOf(_anna.User));
        Assert.Equal(VoidReason.BeyondCut, _anna.Log.ReasonOf(later.Id));
    }

    [Fact]
    public void An_admin_goes_on_with_another_key_in_the_same_place()
    {
        var tenure = _owner.MakesAdmin(_anna);
        _owner.MakesAdmin(_carl);
        _anna.Meets(_owner);
        var consent = Consents.Sign(Samples.Key(_bert.Number), Consents.Rotation, Samples.Network, tenure.Id, _anna.Id, default);
        _anna.Says(new StatementBody.RotateKey(_bert.Id, consent));
        _bert.Meets(_anna);
        _bert.RevokesUser(_carl); // appointed after anna, so junior to bert as well

        Assert.Equal((Role.None, Role.Admin, Role.None), (_bert.State.RoleOf(_anna.User), _bert.State.RoleOf(_bert.User), _bert.State.RoleOf(_carl.User)));
    }

    [Fact]
    public void A_rotation_needs_the_new_key_and_an_owner_does_not_rotate()
    {
        var tenure = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var consent = Consents.Sign(Samples.Key(_anna.Number), Consents.Rotation, Samples.Network, tenure.Id, _anna.Id, default);
        var rotation = _anna.Says(new StatementBody.RotateKey(_bert.Id, consent)); // anna signed, not bert
        Assert.Equal(VoidReason.NotAgreed, _anna.Log.ReasonOf(rotation.Id));
        Assert.Equal((Role.Admin, Role.None), (_anna.State.RoleOf(_anna.User), _anna.State.RoleOf(_bert.User)));
        var ofOwner = _owner.Says(new StatementBody.RotateKey(_bert.Id, new byte[64]));
        Assert.Equal(VoidReason.NotPermitted, _owner.Log.ReasonOf(ofOwner.Id));
    }

    [Fact]
    public void Of_two_writes_the_one_that_saw_the_other_counts_and_else_the_senior()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        _owner.SetsPolicy(1); // at the same depth as anna's
        _anna.SetsPolicy(2);
        _anna.Meets(_owner);
        Assert.Equal([1], _anna.State.Policy.ToArray());
        _anna.SetsPolicy(3);
        _owner.Meets(_anna);
        Assert.Equal([3], _owner.State.Policy.ToArray());
    }

    [Fact]
    public void The_senior_decides_which_branch_of_a_fork_counts()
    {
        var tenure = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var forks = Enumerable.Range(1, 2).Select(policy => Statement.Sign(Samples.Key(3), Samples.Network, 0, default, tenure.Id, [], 1, new StatementBody.SetPolicy(new[] { (byte)policy })))
            .OrderBy(statement => statement.Id).ToArray();
        foreach (var fork in forks) { _anna.Log.Add(fork); }
        Assert.Equal(VoidReason.OtherBranch, _anna.Log.ReasonOf(forks[1].Id));

        _owner.Log.Add(forks[1]); // the owner has seen the other one, and says something
        _owner.Says(new StatementBody.Rename(_carl.Id, "carl"));
        _anna.Meets(_owner);

        Assert.Equal(VoidReason.None, _anna.Log.ReasonOf(forks[1].Id));
        Assert.Equal(VoidReason.OtherBranch, _owner.Log.ReasonOf(forks[0].Id));
        Assert.Equal(_owner.State.Canonical.ToArray(), _anna.State.Canonical.ToArray());
    }

    [Fact]
    public void An_equivocation_is_reported()
    {
        var tenure = _owner.MakesAdmin(_anna);
        foreach (byte policy in new[] { 1, 2 })
        {
            _owner.Log.Add(Statement.Sign(Samples.Key(3), Samples.Network, 0, default, tenure.Id, [], 1, new StatementBody.SetPolicy(new[] { policy })));
        }
        var events = new List<MembershipEvent>();
        while (_owner.Log.TryTakeEvent(out var happened)) { events.Add(happened!); }
        Assert.Equal(_anna.Id, Assert.Single(events.OfType<MembershipEvent.Equivocation>()).Issuer);
    }

    [Fact]
    public void Events_say_who_lost_membership()
    {
        _ = _owner.State;
        _owner.RevokesUser(_bert);
        _owner.RevokesNode(_carl.Id);
        var events = new List<MembershipEvent>();
        while (_owner.Log.TryTakeEvent(out var happened)) { events.Add(happened!); }
        Assert.Equal(_bert.User, Assert.Single(events.OfType<MembershipEvent.UserRevoked>()).User);
        Assert.Equal(_carl.Id, Assert.Single(events.OfType<MembershipEvent.NodeRevoked>()).Node);
        Assert.Equal(3, events.OfType<MembershipEvent.StatementAdded>().Count());
    }
}
