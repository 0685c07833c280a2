using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Members;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>Statements that somebody who belongs should not have sent, at a whole member: the reason is logged, and nothing is kept.</summary>
public sealed class StatementAttackTests
{
    private const int Refused = 1316;
    private const int Void = 1317;
    private const int BadFrame = 1318;
    private const int TurnedAway = 1319;

    private static readonly StatementBody Body = new StatementBody.SetPolicy(new byte[] { 7 });

    [Theory]
    [InlineData("forged", nameof(Refusal.BadSignature))]
    [InlineData("cut", nameof(Refusal.Malformed))]
    [InlineData("too long", nameof(Refusal.TooLong))]
    [InlineData("foreign", nameof(Refusal.OtherNetwork))]
    [InlineData("misplaced", nameof(Refusal.BrokenChain))]
    [InlineData("stranger's", nameof(Refusal.NotAuthorised))]
    public void A_statement_that_nobody_should_send_is_refused_by_name_and_costs_the_connection(string kind, string reason)
    {
        var scene = new AttackScene(401);
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        var before = MemberSimulation.StateOf(scene.One);
        var genuine = scene.Next(scene.Owner.Keys.User, scene.OwnersAuthority, Body);
        var tip = scene.Log.TipOf(scene.Owner.Keys.User.Id);
        ReadOnlyMemory<byte> bytes = kind switch
        {
            "forged" => (byte[])[.. genuine.Encoded[..^1].Span, (byte)(genuine.Encoded.Span[^1] ^ 1)],
            "cut" => genuine.Encoded[..(genuine.Encoded.Length / 2)],
            "too long" => new byte[Statement.MaxLength + 1],
            "foreign" => Statement.Sign(mallory.Keys.User, new(mallory.Id), 0, default, default, [], 1, Body).Encoded,
            "misplaced" => Statement.Sign(scene.Owner.Keys.User, scene.Network, tip.Count + 5, tip.Last, scene.OwnersAuthority, [], 1, Body).Encoded,
            _ => Statement.Sign(mallory.Keys.User, scene.Network, 0, default, scene.OwnersAuthority, [], 1, Body).Encoded,
        };
        for (var i = 0; i < 8; i++)
        {
            Assert.False(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
            mallory.Tell(scene.One, bytes.Span);
        }

        Assert.True(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
        Assert.Equal((8, 8), (scene.One.Log!.Count(Refused, $"{mallory.Id}: statement refused: {reason}"), scene.One.Log.Count(BadFrame, "Statements")));
        scene.One.Log.AssertSays(1302, "too many frames");
        Assert.Equal(before, MemberSimulation.StateOf(scene.One));
        scene.World.RunFor(1);
        mallory.Connect(scene.One);
        scene.One.Log.AssertSays(TurnedAway, "misbehaved");
    }

    [Fact]
    public void Nobody_clears_the_names_of_the_shunned_by_having_others_shunned()
    {
        var scene = new AttackScene(411, new() { Mesh = new() { MaxPeers = 8 }, MaxStrikes = 1 });
        var sybils = Enumerable.Range(0, 9).Select(_ => scene.Admit()).ToArray();
        foreach (var sybil in sybils)
        {
            sybil.Connect(scene.One);
            sybil.Tell(scene.One, new byte[10]);
            Assert.True(sybil.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
            scene.World.RunFor(1);
        }
        // The eight that were shunned last are turned away; the first made room.
        var turnedAway = scene.One.Log!.Count(TurnedAway, "misbehaved");
        foreach (var sybil in sybils[1..]) { sybil.Connect(scene.One); }
        Assert.Equal(turnedAway + 8, scene.One.Log.Count(TurnedAway, "misbehaved"));
    }

    [Fact]
    public void A_package_that_no_owner_made_is_a_strike()
    {
        var scene = new AttackScene(412);
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        for (var i = 0; i < 8; i++)
        {
            Assert.False(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
            mallory.Say(scene.One, MeshFrameType.Statements, [1, 0, 1, 2, 3]);
            scene.World.RunFor(6);
        }
        Assert.True(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
        Assert.Equal(8, scene.One.Log!.Count(BadFrame, "no owner has made"));
    }

    [Fact]
    public void Packages_that_come_too_fast_are_not_looked_at()
    {
        var scene = new AttackScene(413);
        scene.World.Act(scene.Owner, member =>
        {
            member.Compact(scene.World.Now);
            return 0;
        });
        scene.World.RunFor(1);
        var package = scene.Log.WritePackage();
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        for (var i = 0; i < 9; i++)
        {
            Assert.False(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
            mallory.Say(scene.One, MeshFrameType.Statements, [1, 0, .. package]);
        }
        Assert.True(mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
        Assert.Equal(8, scene.One.Log!.Count(BadFrame, "too fast"));
    }

    [Fact]
    public void Replayed_statements_take_no_room()
    {
        var scene = new AttackScene(402);
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        var all = scene.Log.CollectMissing([], [], int.MaxValue);
        var before = MemberSimulation.StateOf(scene.One);
        AttackScene.AssertFlat(scene.One, 300, i => mallory.Tell(scene.One, all[i % all.Count]));

        Assert.Equal(before, MemberSimulation.StateOf(scene.One));
        Assert.Equal(0, scene.One.Log!.Count(Refused));
        Assert.Empty(scene.One.Dismissed);
    }

    [Fact]
    public void A_chain_told_backwards_waits_in_bounds_and_then_counts()
    {
        var scene = new AttackScene(403);
        var anna = scene.Admit(Role.Admin);
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        anna.Connect(scene.One);
        var previous = default(StatementId);
        var chain = new List<Statement>();
        for (byte i = 0; i < 40; i++)
        {
            chain.Add(Statement.Sign(anna.Keys.User, scene.Network, i, previous, tenure, [], 1, new StatementBody.SetPolicy(new[] { i })));
            previous = chain[^1].Id;
        }
        for (var i = chain.Count - 1; i > 0; i--) { anna.Tell(scene.One, chain[i]); }
        Assert.True(scene.One.Running.State.Policy.IsEmpty);
        anna.Tell(scene.One, chain[0]);

        Assert.Equal([39], scene.One.Running.State.Policy.ToArray());
        scene.World.RunFor(2);
        Assert.True(scene.World.HaveOneState());
    }

    [Fact]
    public void A_flood_of_statements_that_wait_for_nothing_known_takes_bounded_room()
    {
        var scene = new AttackScene(404, new() { Membership = new() { MaxWaiting = 64 } });
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        AttackScene.AssertFlat(scene.One, 200, i =>
            mallory.Tell(scene.One, Statement.Sign(mallory.Keys.User, scene.Network, 1, StatementId.Of(BitConverter.GetBytes(i)), StatementId.Of([1]), [], 1, Body)));
        scene.World.RunFor(5);

        // What is missing is asked for with back-off, however often something comes that cannot be used.
        Assert.InRange(scene.SentTo(mallory.Id), 1, 100_000);
        Assert.True(scene.World.HaveOneState());
    }

    [Fact]
    public void A_stolen_guest_key_states_nothing_and_is_of_no_use_once_its_node_is_removed()
    {
        var scene = new AttackScene(405);
        var stolen = scene.Admit();
        stolen.Connect(scene.One);
        StatementBody[] acts =
        [
            new StatementBody.GrantRole(stolen.Keys.UserId, Role.Admin, []),
            new StatementBody.Delegate(stolen.Keys.User.Id, default, 0),
            new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(scene.Owner.Id), default, Keep.None),
            Body,
        ];
        var before = MemberSimulation.StateOf(scene.One);
        foreach (var act in acts) { stolen.Tell(scene.One, Statement.Sign(stolen.Keys.User, scene.Network, 0, default, scene.OwnersAuthority, [], 1, act)); }
        Assert.Equal(acts.Length, scene.One.Log!.Count(Refused, nameof(Refusal.NotAuthorised)));
        Assert.Equal(before, MemberSimulation.StateOf(scene.One));

        scene.World.Act(scene.Owner, member => member.RemoveNode(stolen.Id, scene.World.Now));
        scene.World.RunFor(1);
        Assert.True(stolen.IsLetGo(scene.One, MemberDisconnect.Removed));
        scene.One.Log.AssertSays(1301, $"{stolen.Id} disconnected: {MemberDisconnect.Removed}");
        scene.One.Log.Clear();
        stolen.Connect(scene.One);
        scene.World.RunFor(1);
        Assert.Equal(0, scene.One.Log.Count(1300));
        scene.One.Log.AssertSays(1301, $"{stolen.Id} disconnected: {MemberDisconnect.Removed}");
    }

    [Fact] // what an accomplice who still belongs passes on
    public void A_revoked_admin_who_dates_back_is_void_beyond_the_cut_and_meets_the_cap_of_its_chain()
    {
        var scene = new AttackScene(406, new() { Membership = new() { MaxStatementsOfIssuer = 50, MaxWaiting = 64 } });
        var (anna, accomplice) = (scene.Admit(Role.Admin), scene.Admit());
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        anna.Connect(scene.One);
        anna.Tell(scene.One, Statement.Sign(anna.Keys.User, scene.Network, 0, default, tenure, [], 1_800_000_000, new StatementBody.SetPolicy(new byte[] { 1 })));
        scene.World.RunFor(1);
        var cut = scene.Log.TipOf(anna.Keys.User.Id);
        scene.World.Act(scene.Owner, member => member.RemoveUser(anna.Keys.UserId, scene.World.Now));
        scene.World.RunFor(5);
        var before = MemberSimulation.StateOf(scene.One);
        accomplice.Connect(scene.One);
        var previous = cut.Last;
        AttackScene.AssertFlat(scene.One, 150, i =>
        {
            var late = Statement.Sign(anna.Keys.User, scene.Network, cut.Count + (ulong)i, previous, tenure, [], 1, new StatementBody.SetPolicy(new[] { (byte)i }));
            accomplice.Tell(scene.One, late);
            previous = late.Id;
        });

        Assert.Equal(before, MemberSimulation.StateOf(scene.One));
        Assert.Equal(49, scene.One.Log!.Count(Void, nameof(VoidReason.BeyondCut)));
        scene.One.Log.AssertSays(Refused, nameof(Refusal.TooManyOfIssuer));
        scene.World.RunFor(2);
        Assert.True(scene.World.HaveOneState());
    }

    [Fact]
    public void An_admin_who_signs_the_year_2100_moves_no_clock()
    {
        const ulong Year2100 = 4_102_444_800;
        var scene = new AttackScene(407, set: static node => (node.Clock, node.IsClockTrusted) = (5, false));
        var anna = scene.Admit(Role.Admin);
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        scene.World.Crash(scene.Owner);
        scene.World.Crash(scene.One);
        scene.World.Restart(scene.One);
        anna.Connect(scene.One);
        anna.Tell(scene.One, Statement.Sign(anna.Keys.User, scene.Network, 0, default, tenure, [], Year2100, Body));
        var sybil = HostileMember.Sign(anna.Keys.User, tenure, scene.Network, MemberKeys.Generate(scene.World.Dice.Source), admission => admission with { Issued = Year2100 });
        anna.Push(scene.One, sybil);

        Assert.Equal([7], scene.One.Running.State.Policy.ToArray()); // what it may do, it did
        Assert.Contains(sybil.Node, scene.One.Running.Members.Select(static member => member.Id));
        Assert.InRange(scene.One.Running.Time(scene.World.Now).UnixSeconds, 1_800_000_000UL, 1_800_001_000UL);
        Assert.False(scene.One.Running.Time(scene.World.Now).IsTrusted);
        Assert.Equal(2, scene.One.Log!.Count(1340, $"{anna.Keys.User.Id} says it is {Year2100}"));
    }

    [Fact]
    public void A_flood_of_digests_is_answered_at_a_bounded_rate()
    {
        var scene = new AttackScene(408, new() { StatementBytesPerSecond = 16 << 10 });
        var anna = scene.Admit(Role.Admin);
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        anna.Connect(scene.One);
        var previous = default(StatementId);
        for (ulong i = 0; i < 100; i++) // as many chains, so that heads are long
        {
            var key = IdentityKey.Generate(scene.World.Dice.Source);
            var grant = Statement.Sign(anna.Keys.User, scene.Network, i, previous, tenure, [], 1, new StatementBody.GrantRole(new(key.Id), Role.Admin, []));
            anna.Tell(scene.One, grant, Statement.Sign(key, scene.Network, 0, default, grant.Id, [], 1, Body));
            previous = grant.Id;
        }
        Assert.Equal(101, scene.One.Running.State.Admins.Length);
        var before = scene.SentTo(anna.Id);
        var digests = Enumerable.Range(0, 1000).SelectMany(_ => HostileMember.Frame(MeshFrameType.StatementHeads, [0, .. new byte[32]])).ToArray();
        for (var i = 0; i < 20; i++)
        {
            scene.One.Running.HandleFrames(anna.Id, digests, scene.World.Now);
            scene.World.Drain(scene.One);
            scene.World.RunFor(0.05);
        }

        // Sixteen seconds' worth at once, and what a second and the last answer add; without the limit it were 140 MB.
        Assert.InRange(scene.SentTo(anna.Id) - before, 100_000, 320_000);
    }
}
