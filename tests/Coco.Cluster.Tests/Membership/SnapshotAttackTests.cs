using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>A thief of the owner's key writes snapshots. Newcomers take packages of them, and the recovery key still gets the network back.</summary>
public sealed class SnapshotAttackTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _recovery = Party.Knowing(2);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _next = Party.Knowing(5);

    private static StatementId First => Party.Beginning.Id;

    public SnapshotAttackTests()
    {
        _owner.MakesAdmin(_anna);
        for (byte i = 0; i < 5; i++) { _owner.SetsPolicy(i); }
        _anna.Meets(_owner);
        _anna.SetsPolicy(100);
        _owner.Meets(_anna);
        _recovery.Meets(_owner);
    }

    [Fact]
    public void A_snapshot_that_says_a_recovery_key_has_retired_is_taken_by_nobody_unless_the_key_has_signed()
    {
        var package = PackageOf(_owner, [Party.Beginning], facts => facts.Epochs[0] = facts.Epochs[0] with { Namings = [facts.Epochs[0].Namings[0] with { IsRetired = true }] });
        Assert.False(new MembershipLog(Samples.Network, new()).TryInstall(package));
        Assert.False(_owner.Log.Compact()); // the thief's own node would have to forget more than it can show
        Assert.False(_anna.Log.TryInstall(package));
    }

    [Theory]
    [InlineData("another owner")]
    [InlineData("another key")]
    [InlineData("another place")]
    [InlineData("one more")]
    [InlineData("a recovery")]
    public void A_snapshot_says_of_owners_and_recovery_keys_what_others_have_signed(string what)
    {
        var naming = new RecoveryNaming(Samples.Key(6).Id, Samples.Id(1), 1, false);
        var package = PackageOf(_owner, [Party.Beginning], facts => facts.Epochs[0] = what switch
        {
            "another owner" => facts.Epochs[0] with { Owner = Samples.User(6) },
            "another key" => facts.Epochs[0] with { Namings = [facts.Epochs[0].Namings[0] with { Key = Samples.Key(6).Id }] },
            "another place" => facts.Epochs[0] with { Namings = [facts.Epochs[0].Namings[0] with { Position = 7 }] },
            "one more" => facts.Epochs[0] with { Namings = [.. facts.Epochs[0].Namings, naming] },
            _ => facts.Epochs[0] with { Recovered = new(0, 0, First) },
        });
        Assert.False(new MembershipLog(Samples.Network, new()).TryInstall(package));
    }

    [Fact]
    public void A_recovery_key_that_was_named_later_and_retired_is_shown_by_the_package()
    {
        var previous = _owner.Log.TipOf(_owner.Id).Last;
        _owner.Says(new StatementBody.SetRecovery(Samples.Key(6).Id, Retirement.Sign(Samples.Key(2), First, Samples.Network, _owner.Id, previous)));
        foreach (var part in _owner.Log.MakeSnapshot()) { _owner.Says(part); }
        Assert.True(_owner.Log.Compact());
        var newcomer = new MembershipLog(Samples.Network, new());
        Assert.True(newcomer.TryInstall(_owner.Log.WritePackage()));
        Assert.Equal([true, false], newcomer.State.Facts.Epochs[0].Namings.Select(static naming => naming.IsRetired));

        _recovery.Meets(_owner);
        var late = _recovery.Recovers(First, default, _next, First);
        newcomer.Add(late);
        Assert.Equal(_owner.User, newcomer.State.Owner);
    }

    [Fact]
    public void Heads_that_cover_the_chain_of_a_recovery_key_do_not_keep_it_out()
    {
        var cut = _recovery.Log.TipOf(_owner.Id);
        var newcomer = Installed(PackageOf(_owner, [Party.Beginning], static _ => { }, heads => heads[Samples.Key(2).Id] = new(5, Samples.Id(9))));
        var recovery = _recovery.Recovers(First, cut, _next, First);
        Assert.Equal(StatementOutcome.Added, newcomer.Add(recovery).Outcome);
        Assert.Equal(_next.User, newcomer.State.Owner);
    }

    [Fact]
    public void The_recovered_owners_package_is_taken_whatever_heads_the_thief_claimed()
    {
        var cut = _recovery.Log.TipOf(_owner.Id);
        var newcomer = Installed(PackageOf(_owner, [Party.Beginning], static facts => facts.Tenures.Clear(), heads =>
        {
            heads[Samples.Key(2).Id] = new(1UL << 60, Samples.Id(9));
            heads[_anna.Id] = new(1UL << 60, Samples.Id(9));
        }));
        AssertRecovered(newcomer, cut);
    }

    [Fact]
    public void A_thief_who_names_a_key_of_its_own_and_recovers_with_it_is_beaten_where_its_package_was_taken()
    {
        var cut = _recovery.Log.TipOf(_owner.Id);
        AssertRecovered(Installed(ThiefsPackage(Party.Knowing(1, _owner))), cut);
    }

    [Fact] // where the thief's line continues the one that is known
    public void A_member_that_took_the_thiefs_package_takes_the_recovered_owners_too()
    {
        var cut = _recovery.Log.TipOf(_owner.Id);
        var member = Party.Knowing(9, _owner);
        Assert.True(member.Log.TryInstall(ThiefsPackage(Party.Knowing(1, _owner))));
        AssertRecovered(member.Log, cut);
    }

    [Fact] // so that its key seems to be named before the cut of whoever recovers
    public void A_thief_who_begins_the_owners_chain_anew_is_beaten_as_well()
    {
        var cut = _recovery.Log.TipOf(_owner.Id);
        var package = ThiefsPackage(Party.Knowing(1));
        AssertRecovered(Installed(package), cut);
    }

    [Fact]
    public void A_former_owner_cannot_undo_a_final_transfer_by_a_key_named_on_another_branch()
    {
        _owner.TransfersTo(_anna, _recovery);
        var beside = Statement.Sign(Samples.Key(1), Samples.Network, 0, default, First, [], 1, new StatementBody.SetRecovery(Samples.Key(6).Id, null));
        Assert.Equal(StatementOutcome.Added, _owner.Log.Add(beside).Outcome);
        var recovery = Statement.Sign(Samples.Key(6), Samples.Network, 0, default, beside.Id, [], 1, new StatementBody.Recover(First, new(1, beside.Id), Samples.User(7), default, Keep.None));
        Assert.Equal(StatementOutcome.Added, _owner.Log.Add(recovery).Outcome);
        Assert.Equal(_anna.User, _owner.State.Owner);
        Assert.Equal(VoidReason.NotOnRecord, _owner.Log.ReasonOf(recovery.Id));
    }

    // The recovery key has its say, and what the owner it names states as a snapshot is taken in the place of what is here.
    private void AssertRecovered(MembershipLog log, Cut cut)
    {
        _recovery.Recovers(First, cut, _next, First);
        _next.Meets(_recovery);
        foreach (var part in _next.Log.MakeSnapshot()) { _next.Says(part); }
        Assert.True(_next.Log.Compact());
        Assert.True(log.TryInstall(_next.Log.WritePackage()));
        Assert.Equal((_next.User, Role.Admin), (log.State.Owner, log.State.RoleOf(_anna.User)));
        Assert.Equal([100], log.State.Policy.ToArray());
        Assert.Equal(_next.Log.State.Canonical.ToArray(), log.State.Canonical.ToArray());
    }

    // The thief names key 6, which makes 7 the owner, who states a snapshot.
    private static byte[] ThiefsPackage(Party thief)
    {
        var naming = thief.Says(new StatementBody.SetRecovery(Samples.Key(6).Id, null));
        var key = Party.Knowing(6, thief);
        var recovery = key.Recovers(First, key.Log.TipOf(thief.Id), new(7), naming.Id);
        return PackageOf(Party.Knowing(7, key), [Party.Beginning, naming, recovery], static _ => { });
    }

    private static MembershipLog Installed(byte[] package)
    {
        var log = new MembershipLog(Samples.Network, new());
        Assert.True(log.TryInstall(package));
        return log;
    }

    // What an owner's key can sign as a snapshot, whatever holds.
    private static byte[] PackageOf(Party owner, IReadOnlyList<Statement> proof, Action<NetworkFacts> change, Action<Dictionary<Coco.Crypto.NodeId, Cut>>? heads = null)
    {
        var whole = owner.Log.MakeSnapshot().SelectMany(static part => ((StatementBody.SnapshotPart)part).Bytes.ToArray()).ToArray();
        var facts = NetworkFacts.ReadSnapshot(whole)!;
        change(facts);
        heads?.Invoke(facts.Heads);
        var bytes = facts.EncodeSnapshot(facts.Heads, facts.Depth);
        var digest = StatementId.Of(bytes);
        var parts = bytes.Chunk(StatementBody.MaxContent).ToArray();
        var signed = parts.Select((part, index) => owner.Says(new StatementBody.SnapshotPart(digest, (ulong)index, (ulong)parts.Length, part))).ToArray();
        var writer = new CanonicalWriter();
        writer.VarInt((ulong)(proof.Count + signed.Length));
        foreach (var statement in proof.Concat(signed)) { writer.Bytes(statement.Encoded.Span); }
        return writer.Written.ToArray();
    }
}
