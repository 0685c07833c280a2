using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Membership;

public sealed class SnapshotTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);

    private static void Snapshot(Party owner)
    {
        foreach (var part in owner.Log.MakeSnapshot()) { owner.Says(part); }
    }

    private void Live()
    {
        _owner.MakesAdmin(_anna);
        _owner.MakesAdmin(_bert);
        _anna.Meets(_owner);
        _anna.RevokesNode(Samples.Key(30).Id);
        _anna.Says(new StatementBody.Delegate(Samples.Key(31).Id, new("chat"), 5));
        _anna.Says(new StatementBody.GrantResource(new byte[] { 1, 2 }));
        for (byte i = 0; i < 50; i++) { _anna.SetsPolicy(i); }
        _owner.Meets(_anna);
        _owner.RevokesUser(new(7));
        _owner.Says(new StatementBody.GrantRole(Samples.User(8), Role.Guest, []));
        _bert.Meets(_owner);
    }

    [Fact]
    public void A_snapshot_changes_nothing_and_lets_the_past_be_forgotten()
    {
        Live();
        var before = _owner.State.Canonical.ToArray();
        Snapshot(_owner);
        Assert.Equal(before, _owner.State.Canonical.ToArray());
        var count = _owner.Log.Count;

        Assert.True(_owner.Log.Compact());
        Assert.Equal(before, _owner.State.Canonical.ToArray());
        Assert.True(_owner.Log.Count < count / 10, $"{_owner.Log.Count} of {count}");
        Assert.False(_owner.Log.Compact());
    }

    [Fact]
    public void Those_who_forgot_and_those_who_did_not_agree_on_what_follows()
    {
        Live();
        Snapshot(_owner);
        _bert.SetsPolicy(200); // not having seen the snapshot
        _owner.Log.Compact();
        _owner.Meets(_bert);
        _owner.RevokesUser(_anna);
        _bert.Meets(_owner);
        _bert.MakesAdmin(new(6));
        _owner.Meets(_bert);

        Assert.Equal(_owner.State.Canonical.ToArray(), _bert.State.Canonical.ToArray());
        Assert.Equal((Role.None, Role.Admin), (_owner.State.RoleOf(_anna.User), _owner.State.RoleOf(Samples.User(6))));
        Assert.Equal([200], _owner.State.Policy.ToArray());
    }

    [Fact]
    public void A_newcomer_starts_from_a_package()
    {
        Live();
        Snapshot(_owner);
        _owner.Log.Compact();
        _owner.SetsPolicy(77);
        var newcomer = new Party(9);
        Assert.True(_owner.Log.NeedsPackage(newcomer.Log.Heads));
        var package = _owner.Log.WritePackage();

        Assert.True(newcomer.Log.TryInstall(package));
        newcomer.Meets(_owner);
        Assert.Equal(_owner.State.Canonical.ToArray(), newcomer.State.Canonical.ToArray());
        Assert.Equal(package, newcomer.Log.WritePackage());
        Assert.Equal(_owner.Log.Digest, newcomer.Log.Digest);
        _bert.Meets(_owner);
        Assert.False(_owner.Log.NeedsPackage(_bert.Log.Heads));
    }

    [Fact]
    public void A_package_shows_the_owners_from_the_root_on()
    {
        Live();
        _owner.TransfersTo(_bert);
        _bert.Meets(_owner);
        Snapshot(_bert);
        _bert.Log.Compact();
        var newcomer = new MembershipLog(Samples.Network, new());
        Assert.True(newcomer.TryInstall(_bert.Log.WritePackage()));
        Assert.Equal(_bert.User, newcomer.State.Owner);
    }

    [Fact]
    public void A_package_of_a_former_owner_is_not_taken_for_a_later_one()
    {
        Live();
        Snapshot(_owner);
        _anna.Meets(_owner);
        _anna.Log.Compact();
        var old = _anna.Log.WritePackage();
        _owner.TransfersTo(_bert);
        _bert.Meets(_owner);
        Assert.False(_bert.Log.TryInstall(old));
        Assert.Equal(_bert.User, _bert.State.Owner);
    }

    [Fact]
    public void An_admins_snapshot_is_none_and_no_package()
    {
        Live();
        var part = _anna.Log.MakeSnapshot()[0];
        var statement = _anna.Says(part);
        Assert.Equal(VoidReason.NotPermitted, _anna.Log.ReasonOf(statement.Id));
        Assert.False(_anna.Log.Compact());
        var writer = new CanonicalWriter();
        writer.VarInt(2);
        writer.Bytes(Party.Beginning.Encoded.Span);
        writer.Bytes(statement.Encoded.Span);
        Assert.False(new MembershipLog(Samples.Network, new()).TryInstall(writer.Written));
    }

    [Fact]
    public void What_lies_before_a_snapshot_and_branches_beside_it_are_refused_afterwards()
    {
        Live();
        var tenure = _owner.State.AuthorityOf(_anna.User)!.Value;
        Snapshot(_owner);
        _owner.Log.Compact();
        var fork = Statement.Sign(Samples.Key(3), Samples.Network, 0, default, tenure, [], 0, new StatementBody.SetPolicy(new byte[] { 1 }));
        Assert.Equal(new(StatementOutcome.Refused, Refusal.BeforeSnapshot), _owner.Log.Add(fork));
        var tip = _owner.Log.TipOf(_anna.Id);
        var beside = Statement.Sign(Samples.Key(3), Samples.Network, tip.Count, Samples.Id(5), tenure, [], 0, new StatementBody.SetPolicy(new byte[] { 1 }));
        Assert.Equal(new(StatementOutcome.Refused, Refusal.BeforeSnapshot), _owner.Log.Add(beside));
        Assert.Equal(new(StatementOutcome.Refused, Refusal.BeforeSnapshot), _owner.Log.Add(Party.Beginning));
    }

    [Fact]
    public void Recovery_works_after_the_thief_has_made_a_snapshot()
    {
        Live();
        var recovery = Party.Knowing(2, _owner);
        var cut = recovery.Log.TipOf(_owner.Id);
        _owner.Says(new StatementBody.SetRecovery(Samples.Key(6).Id, null)); // the thief
        Snapshot(_owner);
        _bert.Meets(_owner);
        _bert.Log.Compact();
        recovery.Recovers(Party.Beginning.Id, cut, new(5), Party.Beginning.Id);
        _bert.Meets(recovery);

        Assert.Equal(Samples.User(5), _bert.State.Owner);
        Assert.Equal(Samples.User(5), recovery.State.Owner);
        // Those that forgot on the thief's word differ until the new owner says what holds.
        var next = Party.Knowing(5, recovery);
        Snapshot(next);
        _bert.Meets(next);
        Assert.Equal(next.State.Canonical.ToArray(), _bert.State.Canonical.ToArray());
    }

    [Fact]
    public void Random_histories_agree_after_snapshots_whether_forgotten_or_not()
    {
        var compacted = 0;
        for (var seed = 0; seed < (Samples.All ? 20_000 : 300); seed++)
        {
            var (keeps, forgets) = (new Party(1, new() { MaxBranches = 1024 }), new Party(1, new() { MaxBranches = 1024 }));
            var history = new History(seed, 40).Statements;
            foreach (var statement in history.Take(25)) { keeps.Log.Add(statement); }
            var owner = Enumerable.Range(1, 6).Single(number => Samples.User(number) == keeps.State.Owner);
            var author = new StatementAuthor(Samples.Key(owner), keeps.Log);
            var before = keeps.State.Canonical.ToArray();
            foreach (var part in keeps.Log.MakeSnapshot()) { author.State(part, 1); }
            Assert.True(before.AsSpan().SequenceEqual(keeps.State.Canonical.Span), $"seed {seed}: the snapshot says something else");
            foreach (var statement in keeps.Log.CollectMissing([], [], int.MaxValue)) { forgets.Log.Add(statement); }
            if (forgets.Log.Compact()) { compacted++; }
            Assert.True(before.AsSpan().SequenceEqual(forgets.State.Canonical.Span), $"seed {seed}: forgetting changed something");

            // Admins go on, on both sides.
            foreach (var tenure in keeps.State.Admins)
            {
                var number = Enumerable.Range(1, 30).First(number => Samples.Key(number).Id == tenure.Key);
                var said = new StatementAuthor(Samples.Key(number), keeps.Log).State(new StatementBody.SetPolicy(new[] { (byte)seed }), 1, tenure.Id);
                Assert.Equal(StatementOutcome.Added, forgets.Log.Add(said).Outcome);
            }
            Assert.True(keeps.State.HasSameFacts(forgets.State), $"seed {seed}");
            var newcomer = new MembershipLog(Samples.Network, new());
            Assert.True(newcomer.TryInstall(forgets.Log.WritePackage()), $"seed {seed}");
            foreach (var statement in forgets.Log.CollectMissing(newcomer.Heads, [], int.MaxValue)) { newcomer.Add(statement); }
            Assert.True(newcomer.State.HasSameFacts(forgets.State), $"seed {seed}: newcomer");
        }
        Assert.True(compacted > 250);
    }

    [Fact]
    public void One_state_has_one_snapshot()
    {
        Live();
        var snapshot = _owner.Log.MakeSnapshot().SelectMany(static part => ((StatementBody.SnapshotPart)part).Bytes.ToArray()).ToArray();
        Assert.NotNull(NetworkFacts.ReadSnapshot(snapshot));
        Assert.Null(NetworkFacts.ReadSnapshot([.. snapshot, 0]));

        // The first two heads change places.
        var reader = new SpanReader(snapshot);
        Assert.True(reader.TryReadByte(out _) && reader.TryReadVarInt(out _) && reader.TryReadVarInt(out var count) && count >= 2);
        var first = reader.Position;
        Assert.True(reader.TryReadKey(out _) && Cut.TryRead(ref reader, out _));
        var second = reader.Position;
        Assert.True(reader.TryReadKey(out _) && Cut.TryRead(ref reader, out _));
        byte[] swapped = [.. snapshot[..first], .. snapshot[second..reader.Position], .. snapshot[first..second], .. snapshot[reader.Position..]];
        Assert.NotEqual(snapshot, swapped);
        Assert.Null(NetworkFacts.ReadSnapshot(swapped));
    }

    [Fact]
    public void No_bytes_make_the_reader_of_snapshots_or_packages_throw()
    {
        Live();
        var parts = _owner.Log.MakeSnapshot();
        var snapshot = parts.SelectMany(static part => ((StatementBody.SnapshotPart)part).Bytes.ToArray()).ToArray();
        Assert.NotNull(NetworkFacts.ReadSnapshot(snapshot));
        Snapshot(_owner);
        _owner.Log.Compact();
        var package = _owner.Log.WritePackage();
        var random = new Random(3);
        for (var i = 0; i < (Samples.All ? 1_000_000 : 20_000); i++)
        {
            var bytes = (byte[])snapshot.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            _ = NetworkFacts.ReadSnapshot(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)));
            if (i % 10 > 0) { continue; }
            var packed = (byte[])package.Clone();
            packed[random.Next(packed.Length)] ^= (byte)random.Next(1, 256);
            Assert.False(new MembershipLog(Samples.Network, new()).TryInstall(packed.AsSpan(0, random.Next(2) == 0 ? packed.Length : random.Next(packed.Length))));
        }
    }
}
