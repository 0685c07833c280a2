using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Membership;

/// <summary>What ill-meaning members and strangers try, and the name of the reason why it comes to nothing.</summary>
public sealed class AttackTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);

    private static StatementId First => Party.Beginning.Id;

    [Fact]
    public void A_forged_statement_is_refused()
    {
        var bytes = _owner.SetsPolicy(1).Encoded.ToArray();
        bytes[^1] ^= 1;
        AssertRefused(Refusal.BadSignature, _anna.Log.Add(bytes));
    }

    [Fact]
    public void A_statement_of_another_network_is_refused()
    {
        var other = StatementAuthor.Create(Samples.Key(9), new(Samples.User(1), default, "other", NetworkProfile.Private, default), 1);
        AssertRefused(Refusal.OtherNetwork, _anna.Log.Add(other.Encoded.Span));
        AssertRefused(Refusal.OtherNetwork, _anna.Log.Add(other));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var bytes = _owner.SetsPolicy(1).Encoded.ToArray();
        for (var length = 0; length < bytes.Length; length++) { Assert.Equal(StatementOutcome.Refused, _anna.Log.Add(bytes.AsSpan(0, length)).Outcome); }
    }

    [Fact]
    public void A_chain_told_backwards_waits_and_then_counts()
    {
        var statements = Enumerable.Range(0, 20).Select(i => _owner.SetsPolicy((byte)i)).Reverse().ToList();
        foreach (var statement in statements.SkipLast(1)) { Assert.Equal(StatementOutcome.Waiting, _anna.Log.Add(statement.Encoded.Span).Outcome); }
        Assert.True(_anna.State.Policy.IsEmpty);
        Assert.Equal(StatementOutcome.Added, _anna.Log.Add(statements[^1].Encoded.Span).Outcome);
        Assert.Equal([19], _anna.State.Policy.ToArray());
        Assert.Equal((0, StatementOutcome.Known), (_anna.Log.WaitingCount, _anna.Log.Add(statements[0].Encoded.Span).Outcome));
    }

    [Fact]
    public void A_chain_with_a_wrong_place_is_refused()
    {
        var first = _owner.SetsPolicy(1);
        var gap = Statement.Sign(Samples.Key(1), Samples.Network, 5, first.Id, First, [], 1, new StatementBody.SetPolicy(new byte[] { 2 }));
        AssertRefused(Refusal.BrokenChain, _owner.Log.Add(gap));
        var headless = Statement.Sign(Samples.Key(1), Samples.Network, 1, default, First, [], 1, new StatementBody.SetPolicy(new byte[] { 2 }));
        AssertRefused(Refusal.BrokenChain, _owner.Log.Add(headless));
        var tenure = _owner.MakesAdmin(_anna);
        var others = Statement.Sign(Samples.Key(3), Samples.Network, 1, first.Id, tenure.Id, [], 1, new StatementBody.SetPolicy(new byte[] { 2 }));
        AssertRefused(Refusal.BrokenChain, _owner.Log.Add(others));
        var untrue = Statement.Sign(Samples.Key(3), Samples.Network, 0, default, tenure.Id, [new(_owner.Id, 7, first.Id)], 1, new StatementBody.SetPolicy(new byte[] { 2 }));
        AssertRefused(Refusal.BrokenChain, _owner.Log.Add(untrue));
    }

    [Fact]
    public void A_stolen_guest_key_states_nothing()
    {
        var guest = _owner.Says(new StatementBody.GrantRole(_anna.User, Role.Guest, []));
        _anna.Meets(_owner);
        var appointment = new StatementBody.GrantRole(_bert.User, Role.Admin, []);
        AssertRefused(Refusal.NotAuthorised, _owner.Log.Add(_anna.Signs(appointment, guest.Id)));
        AssertRefused(Refusal.NotAuthorised, _owner.Log.Add(_anna.Signs(appointment, First)));
        AssertRefused(Refusal.NotAuthorised, _owner.Log.Add(_anna.Signs(appointment, default)));
        var delegation = _owner.Says(new StatementBody.Delegate(_anna.Id, default, 0));
        AssertRefused(Refusal.NotAuthorised, _owner.Log.Add(_anna.Signs(appointment, delegation.Id)));
    }

    [Fact]
    public void The_root_key_says_nothing_after_the_beginning()
    {
        AssertRefused(Refusal.RootHasSpoken, _owner.Log.Add(Statement.Sign(Samples.Key(0), Samples.Network, 1, First, First, [], 1, new StatementBody.SetPolicy(new byte[] { 1 }))));
        AssertRefused(Refusal.RootHasSpoken, _owner.Log.Add(Statement.Sign(Samples.Key(0), Samples.Network, 0, default, default, [], 1, new StatementBody.SetPolicy(new byte[] { 1 }))));
    }

    [Fact]
    public void An_admin_cannot_make_himself_owner()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var tenure = _anna.State.AuthorityOf(_anna.User)!.Value;
        var consent = Consents.Sign(Samples.Key(3), Consents.Owner, Samples.Network, tenure, _anna.Id, default);
        StatementBody[] attempts =
        [
            new StatementBody.Transfer(_anna.User, consent, default, null, Keep.All),
            new StatementBody.SetRecovery(_anna.Id, null),
            new StatementBody.Recover(First, default, _anna.User, default, Keep.None),
            new StatementBody.CreateNetwork(_anna.User, default, "mine", NetworkProfile.Open, default),
            _anna.Log.MakeSnapshot()[0],
        ];
        foreach (var attempt in attempts)
        {
            var statement = _anna.Says(attempt, tenure);
            Assert.True(_anna.Log.ReasonOf(statement.Id) is VoidReason.NotPermitted or VoidReason.NotOnRecord, attempt.Type.ToString());
        }
        AssertRefused(Refusal.NotAuthorised, _owner.Log.Add(_anna.Signs(attempts[0], First)));
        Assert.Equal((_owner.User, Role.Admin, "home"), (_anna.State.Owner, _anna.State.RoleOf(_anna.User), _anna.State.Name));
    }

    [Fact]
    public void A_revoked_admin_who_dates_back_and_forks_changes_nothing()
    {
        var tenure = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        for (byte i = 0; i < 4; i++) { _anna.SetsPolicy(i); }
        _owner.Meets(_anna);
        _owner.RevokesUser(_anna);
        _bert.Meets(_owner);
        var before = _bert.State.Canonical.ToArray();
        var chain = _owner.Log.CollectMissing([], [], int.MaxValue).Where(statement => statement.Issuer == _anna.Id).ToList();

        // At every place of the chain, dated 1970, whatever an admin may do, and a chain of its own upon it.
        StatementBody[] bodies = [new StatementBody.GrantRole(_bert.User, Role.Admin, []), new StatementBody.SetPolicy(new byte[] { 99 }),
            new StatementBody.Revoke(RevokeKind.User, StatementBody.Revoke.SubjectOf(_owner.Id), default, Keep.None),
            new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(_bert.Id), default, Keep.None)];
        foreach (var body in bodies)
        {
            for (var place = 0; place <= chain.Count; place++)
            {
                var previous = place == 0 ? default : chain[place - 1].Id;
                for (var next = place; next < place + 3; next++)
                {
                    var statement = Statement.Sign(Samples.Key(3), Samples.Network, (ulong)next, previous, tenure.Id, [], 0, body);
                    _bert.Log.Add(statement);
                    Assert.True(_bert.Log.ReasonOf(statement.Id) is VoidReason.BeyondCut or VoidReason.OtherBranch);
                    previous = statement.Id;
                }
            }
        }
        Assert.Equal(before, _bert.State.Canonical.ToArray());
    }

    [Fact]
    public void Whatever_a_revoked_admin_signs_leaves_no_trace_in_random_histories()
    {
        for (var seed = 0; seed < (Samples.All ? 20_000 : 300); seed++)
        {
            var party = new Party(1, new() { MaxBranches = 1024 });
            foreach (var statement in new History(seed, 25).Statements) { party.Log.Add(statement); }
            if (party.State.Owner is not { } owner || party.State.Admins.Length == 0) { continue; }
            var random = new Random(seed);
            var admin = Enumerable.Range(1, 6).FirstOrDefault(number => Samples.User(number) != owner && party.State.Admins.Any(tenure => tenure.Key == Samples.Key(number).Id));
            var holder = Enumerable.Range(1, 6).Single(number => Samples.User(number) == owner);
            // One that never was an owner, and holds no recovery key: those have powers of their own.
            if (admin is 0 or 1 or 2 or 6 || party.State.Facts.Epochs.Exists(epoch => epoch.Owner == Samples.User(admin))) { continue; }

            var author = new StatementAuthor(Samples.Key(holder), party.Log);
            author.State(new StatementBody.Revoke(RevokeKind.User, StatementBody.Revoke.SubjectOf(Samples.Key(admin).Id), party.Log.TipOf(Samples.Key(admin).Id), Keep.None), 1);
            var before = party.State.Canonical.ToArray();
            var mine = party.Log.CollectMissing([], [], int.MaxValue).Where(statement => statement.Issuer == Samples.Key(admin).Id).ToList();
            var offices = party.Log.CollectMissing([], [], int.MaxValue).Where(statement => Office.GivenBy(new(statement, 0)).Any(office => office.Key == Samples.Key(admin).Id)).ToList();
            for (var i = 0; i < 10; i++)
            {
                var previous = mine.Count == 0 || random.Next(4) == 0 ? null : mine[random.Next(mine.Count)];
                var statement = Statement.Sign(Samples.Key(admin), Samples.Network, previous is null ? 0 : previous.Sequence + 1, previous?.Id ?? default,
                    offices[random.Next(offices.Count)].Id, [], 0, new StatementBody.GrantRole(Samples.User(10 + i), Role.Admin, []));
                if (party.Log.Add(statement).Outcome is StatementOutcome.Added) { mine.Add(statement); }
            }
            Assert.True(before.AsSpan().SequenceEqual(party.State.Canonical.Span), $"seed {seed}");
        }
    }

    [Fact]
    public void A_cut_that_lies_keeps_nothing()
    {
        _owner.MakesAdmin(_anna);
        _owner.MakesAdmin(_bert);
        _anna.Meets(_owner);
        var policy = _anna.SetsPolicy(1);
        _owner.Meets(_anna);
        var elsewhere = _owner.RevokesUser(_anna, cut: new(2, policy.Id)); // it is the first, not the second
        Assert.Equal(VoidReason.None, _owner.Log.ReasonOf(elsewhere.Id));
        Assert.Equal(VoidReason.BeyondCut, _owner.Log.ReasonOf(policy.Id));
        _owner.RevokesUser(_bert, cut: new(1, policy.Id)); // another's statement
        _owner.RevokesUser(_bert, cut: new(1, Samples.Id(77))); // nobody's
        Assert.Equal((Role.None, Role.None), (_owner.State.RoleOf(_anna.User), _owner.State.RoleOf(_bert.User)));
    }

    [Fact]
    public void A_flood_of_strangers_takes_a_quarter_of_the_waiting_room_and_nothing_else()
    {
        var options = new MembershipOptions { MaxWaiting = 64 };
        var log = new MembershipLog(Samples.Network, options);
        log.Add(Party.Beginning);
        for (var i = 0; i < 10; i++) { _owner.SetsPolicy((byte)i); }
        var own = _owner.Log.CollectMissing(log.Heads, [], int.MaxValue);
        log.Add(own[1]); // waits for the first
        for (var i = 100; i < 1100; i++)
        {
            var key = IdentityKey.Generate(new SeededRandomSource((ulong)i));
            log.Add(Statement.Sign(key, Samples.Network, 0, default, Samples.Id(i), [], 1, new StatementBody.SetPolicy(new byte[15_000])));
            key.Dispose();
        }
        Assert.Equal((1, 17), (log.Count, log.WaitingCount));
        log.Add(own[0]);
        Assert.Equal(3, log.Count);
    }

    [Fact]
    public void Sybil_admins_fill_their_room_and_the_owner_still_revokes_them()
    {
        var options = new MembershipOptions { MaxBytes = 256 << 10, MaxIssuers = 16, MaxStatementsOfIssuer = 40 };
        var owner = new Party(1, options);
        owner.Log.Add(Party.Beginning);
        var tenure = owner.MakesAdmin(_anna);
        var refusals = new HashSet<Refusal>();
        var previous = default(StatementId);
        for (ulong i = 0; i < 60; i++)
        {
            var sybil = Statement.Sign(Samples.Key(3), Samples.Network, i, previous, tenure.Id, [], 1, new StatementBody.GrantRole(Samples.User(100 + (int)i), Role.Admin, []));
            refusals.Add(owner.Log.Add(sybil).Refusal);
            previous = sybil.Id;
            for (byte j = 0; j < 12; j++)
            {
                refusals.Add(owner.Log.Add(Statement.Sign(Samples.Key(100 + (int)i), Samples.Network, 0, default, sybil.Id, [], j, new StatementBody.SetPolicy(new byte[300]))).Refusal);
            }
        }
        foreach (var first in owner.Log.CollectMissing([], [], int.MaxValue).Where(static statement => statement.Body is StatementBody.SetPolicy))
        {
            refusals.Add(owner.Log.Add(Statement.Sign(Key(first.Issuer), Samples.Network, 1, first.Id, first.Authority, [], 1, new StatementBody.SetPolicy(new byte[14_000]))).Refusal);
        }
        Assert.Subset(refusals, new HashSet<Refusal> { Refusal.TooManyIssuers, Refusal.TooManyBranches, Refusal.TooManyOfIssuer, Refusal.LogFull });
        Assert.True(owner.Log.Bytes <= options.MaxBytes / 4 * 3);
        Assert.True(owner.Log.WaitingCount <= options.MaxWaiting);

        owner.RevokesUser(_anna, cut: new(0, default));
        Assert.Empty(owner.State.Admins);
    }

    [Fact] // the owner has seen what others have no room for
    public void Nobody_escapes_a_revocation_by_filling_the_log()
    {
        var options = new MembershipOptions { MaxStatementsOfIssuer = 4, MaxBranches = 2 };
        var tenure = _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var told = new MembershipLog(Samples.Network, options);
        told.Add(Party.Beginning);
        told.Add(tenure);
        for (byte i = 0; i < 8; i++) { _anna.SetsPolicy(i); }
        _owner.Meets(_anna);
        var ban = _owner.RevokesUser(_anna);
        foreach (var branch in Enumerable.Range(50, 10)) // another branch fills the room
        {
            told.Add(Statement.Sign(Samples.Key(3), Samples.Network, 0, default, tenure.Id, [], 1, new StatementBody.SetPolicy(new[] { (byte)branch })));
        }
        for (var round = 0; round < 20; round++)
        {
            foreach (var statement in _owner.Log.CollectMissing(told.Heads, told.Wanted(16), int.MaxValue).Reverse()) { told.Add(statement); }
        }
        Assert.Equal(VoidReason.None, told.ReasonOf(ban.Id));
        Assert.Equal(_owner.State.Canonical.ToArray(), told.State.Canonical.ToArray());
    }

    [Fact]
    public void A_future_statement_passes_through_old_nodes()
    {
        _owner.MakesAdmin(_anna);
        _anna.Meets(_owner);
        var future = _anna.Says(new StatementBody.Unknown((StatementType)1000, "as of 2035"u8.ToArray()));
        var grown = _anna.Says(new StatementBody.Unknown(StatementType.SetPolicy, (byte[])[.. new StatementBody.SetPolicy(new byte[] { 8 }).Encode(), 1, 2]));
        var wrong = _anna.Says(new StatementBody.Unknown(StatementType.Revoke, new byte[] { 77 }));
        _bert.Meets(_anna); // an old node between
        var far = Party.Knowing(9, _bert);

        Assert.Equal(future.Encoded.ToArray(), far.Log.Find(future.Id)!.Encoded.ToArray());
        Assert.Equal((VoidReason.Unknown, VoidReason.None, VoidReason.Unknown), (far.Log.ReasonOf(future.Id), far.Log.ReasonOf(grown.Id), far.Log.ReasonOf(wrong.Id)));
        Assert.Equal([8], far.State.Policy.ToArray());
    }

    [Fact]
    public void No_bytes_make_the_log_throw()
    {
        var random = new Random(13);
        var history = new History(5, 60).Statements.ConvertAll(static statement => statement.Encoded.ToArray());
        var log = new MembershipLog(Samples.Network, new() { MaxEvents = 16 });
        for (var i = 0; i < (Samples.All ? 1_000_000 : 20_000); i++)
        {
            var bytes = (byte[])history[random.Next(history.Count)].Clone();
            for (var flips = random.Next(0, 3); flips > 0; flips--) { bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256); }
            log.Add(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)));
            if (i % 1000 == 0) { _ = log.State; }
        }
        Assert.InRange(log.Count, 2, history.Count);
    }

    private static IdentityKey Key(NodeId id) => Samples.Key(Enumerable.Range(0, 200).First(number => Samples.Key(number).Id == id));

    private static void AssertRefused(Refusal refusal, StatementResult result) => Assert.Equal(new(StatementOutcome.Refused, refusal), result);
}
