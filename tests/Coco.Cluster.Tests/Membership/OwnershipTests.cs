using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>There is exactly one owner, and a stolen owner's key can be beaten.</summary>
public sealed class OwnershipTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _recovery = Party.Knowing(2);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);

    private static StatementId First => Party.Beginning.Id;

    [Fact]
    public void After_a_transfer_only_the_new_owner_counts()
    {
        _owner.TransfersTo(_anna);
        _anna.Meets(_owner);
        var late = _owner.Says(new StatementBody.SetPolicy(new byte[] { 1 }), First);
        _anna.SetsPolicy(2);
        _owner.Meets(_anna);

        Assert.Equal(_anna.User, _owner.State.Owner);
        Assert.Equal([2], _owner.State.Policy.ToArray());
        Assert.Equal(VoidReason.BeyondCut, _owner.Log.ReasonOf(late.Id));
        Assert.Equal(Role.None, _owner.State.RoleOf(_owner.User));
    }

    [Fact]
    public void A_transfer_the_new_owner_did_not_sign_is_none()
    {
        var consent = Consents.Sign(Samples.Key(1), Consents.Owner, Samples.Network, First, _owner.Id, default);
        var transfer = _owner.Says(new StatementBody.Transfer(_anna.User, consent, default, null, Keep.All));
        Assert.Equal(VoidReason.NotAgreed, _owner.Log.ReasonOf(transfer.Id));
        Assert.Equal(_owner.User, _owner.State.Owner);
    }

    [Fact]
    public void A_consent_is_good_for_one_place_in_the_chain()
    {
        var consent = Consents.Sign(Samples.Key(3), Consents.Owner, Samples.Network, First, _owner.Id, default);
        _owner.SetsPolicy(1);
        var transfer = _owner.Says(new StatementBody.Transfer(_anna.User, consent, default, null, Keep.All));
        Assert.Equal(VoidReason.NotAgreed, _owner.Log.ReasonOf(transfer.Id));
    }

    [Fact]
    public void Recovery_beats_everything_beyond_its_cut_a_transfer_included()
    {
        _owner.SetsPolicy(1);
        _recovery.Meets(_owner);
        var cut = _recovery.Log.TipOf(_owner.Id);
        _owner.SetsPolicy(66); // the thief
        _owner.TransfersTo(_bert);
        _recovery.Meets(_owner);
        Assert.Equal(_bert.User, _recovery.State.Owner);

        _recovery.Recovers(First, cut, _anna, First);
        _owner.Meets(_recovery);

        Assert.Equal(_anna.User, _owner.State.Owner);
        Assert.Equal([1], _owner.State.Policy.ToArray());
    }

    [Fact]
    public void A_thief_who_names_another_recovery_key_is_beaten_by_the_first()
    {
        _owner.Says(new StatementBody.SetRecovery(_bert.Id, null)); // the thief
        _bert.Meets(_owner);
        _bert.Recovers(First, _bert.Log.TipOf(_owner.Id), _bert, _owner.Log.TipOf(_owner.Id).Last);
        Assert.Equal(_bert.User, _bert.State.Owner);

        _recovery.Recovers(First, new(0, default), _anna, First);
        _bert.Meets(_recovery);
        Assert.Equal(_anna.User, _bert.State.Owner);
        Assert.Equal(_anna.User, _recovery.State.Owner);
    }

    [Fact]
    public void A_recovery_key_that_has_retired_recovers_nothing()
    {
        _owner.TransfersTo(_anna, _recovery); // the recovery key signs as well: this sale is final
        _recovery.Meets(_owner);
        var recovery = _recovery.Recovers(First, new(0, default), _bert, First);
        Assert.Equal(_anna.User, _recovery.State.Owner);
        Assert.Equal(VoidReason.NotOnRecord, _recovery.Log.ReasonOf(recovery.Id));
    }

    [Fact]
    public void A_former_owner_cannot_undo_a_final_transfer_by_another_branch()
    {
        var transfer = _owner.TransfersTo(_anna, _recovery);
        for (byte i = 0; i < 7; i++) // one of these has a smaller name, with all likelihood
        {
            _owner.Log.Add(Statement.Sign(Samples.Key(1), Samples.Network, 0, default, First, [], 1, new StatementBody.SetPolicy(new[] { i })));
        }
        Assert.Equal(_anna.User, _owner.State.Owner);
        Assert.Equal(VoidReason.None, _owner.Log.ReasonOf(transfer.Id));
        Assert.True(_owner.State.Policy.IsEmpty);
    }

    [Fact]
    public void The_recovered_owner_names_a_recovery_key_that_works()
    {
        var first = _recovery.Recovers(First, new(0, default), _anna, First, _bert.Id);
        _bert.Meets(_recovery);
        _bert.Recovers(first.Id, new(0, default), _owner, first.Id);
        Assert.Equal(_owner.User, _bert.State.Owner);
        Assert.Equal(_owner.User, Party.Knowing(9, _bert).State.Owner);
    }

    [Fact]
    public void A_recovery_key_does_nothing_else_and_nobody_else_recovers()
    {
        var policy = _recovery.Says(new StatementBody.SetPolicy(new byte[] { 1 }), First);
        Assert.Equal(VoidReason.NoOffice, _recovery.Log.ReasonOf(policy.Id));
        var byOwner = _owner.Says(new StatementBody.Recover(First, new(0, default), _bert.User, default, Keep.None));
        Assert.Equal(_owner.User, _owner.State.Owner);
        Assert.Equal(VoidReason.NotPermitted, _owner.Log.ReasonOf(byOwner.Id));
    }

    [Fact]
    public void Admins_outlast_a_transfer_and_their_new_owner_is_senior()
    {
        _owner.MakesAdmin(_bert);
        _owner.TransfersTo(_anna);
        _anna.Meets(_owner);
        Assert.Equal(Role.Admin, _anna.State.RoleOf(_bert.User));
        _anna.RevokesUser(_bert);
        Assert.Equal(Role.None, _anna.State.RoleOf(_bert.User));
    }
}
