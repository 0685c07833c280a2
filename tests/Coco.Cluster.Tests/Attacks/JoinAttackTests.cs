using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Tests.Members;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>Joiners without end at one sponsor: with one ticket, with none, and such as stop half way.</summary>
public sealed class JoinAttackTests
{
    private const int Denied = 1311;

    private readonly AttackScene _scene = new(421);
    private ulong _channels = 1_000_000;

    private MemberSimulation World => _scene.World;

    private SimulatedNode Sponsor => _scene.Owner;

    [Fact]
    public void A_thousand_joiners_with_one_ticket_have_one_winner()
    {
        var ticket = Invite();
        var welcomed = 0;
        AttackScene.AssertFlat(Sponsor, 250, i =>
        {
            Attempt(ticket.Id, ticket.Secret.DeriveKey(), World.Dice.Source);
            if (i % 10 == 9) { World.RunFor(0.05); } // several ask before the first is on disk
            welcomed += TakeAnswers();
        });
        World.RunFor(1);
        welcomed += TakeAnswers();

        Assert.Equal((1, 1), (welcomed, Sponsor.Log!.Count(1310)));
        Assert.Equal(999, Sponsor.Log.Count(Denied));
        Sponsor.Log.AssertSays(Denied, nameof(JoinRefusal.Busy));
        Sponsor.Log.AssertSays(Denied, nameof(JoinRefusal.Used));
        Assert.Equal(3, Sponsor.Running.Members.Count);
        AssertHonestJoins("honest");
    }

    [Theory]
    [InlineData(true)] // knows the name of a ticket and not its secret
    [InlineData(false)]
    public void Ten_thousand_wrong_secrets_let_nobody_in_and_keep_nobody_out(bool knowsTheName)
    {
        var ticket = Invite();
        using var joiner = IdentityKey.Generate(World.Dice.Source);
        var wish = WishOf(joiner);
        AttackScene.AssertFlat(Sponsor, 2500, i =>
        {
            var wrong = TicketSecret.Generate(World.Dice.Source);
            Attempt(knowsTheName ? ticket.Id : wrong.Id, wrong.DeriveKey(), joiner, wish);
            if (i == 5000) { AssertHonestJoins("meanwhile"); }
            TakeAnswers();
        });

        Assert.Equal(10_000, Sponsor.Log!.Count(Denied));
        Sponsor.Log.AssertSays(Denied, nameof(JoinRefusal.NotValid));
        Sponsor.Log.AssertSays(Denied, nameof(JoinRefusal.Busy)); // guesses are answered at a bounded rate
        TakeAnswers();
        Assert.True(World.Join(World.Add(), ticket, Sponsor, "invited"));
    }

    [Fact]
    public void Joins_that_stall_half_way_keep_nobody_out_and_are_given_up()
    {
        using var joiner = IdentityKey.Generate(World.Dice.Source);
        AttackScene.AssertFlat(Sponsor, 500, i =>
        {
            Sponsor.Running.HandleJoinOpened(++_channels, joiner.Id, new byte[JoinBinding.ExporterSize], World.Now);
            if (i == 1200) { AssertHonestJoins("meanwhile"); }
            World.Drain(Sponsor);
        });
        Sponsor.Log!.AssertSays(Denied, $"{joiner.Id} was not let in: {JoinRefusal.Stalled}");
        World.RunFor(16);

        Assert.Equal(2000, Sponsor.Log.Count(Denied, nameof(JoinRefusal.Stalled)));
    }

    [Fact]
    public void Joins_that_begin_with_nonsense_are_refused_by_name()
    {
        using var joiner = IdentityKey.Generate(World.Dice.Source);
        var random = new Random(422);
        for (var i = 0; i < 300; i++)
        {
            var nonsense = new byte[random.Next(JoinRequest.MaxLength + 100)];
            random.NextBytes(nonsense);
            Sponsor.Running.HandleJoinOpened(++_channels, joiner.Id, new byte[JoinBinding.ExporterSize], World.Now);
            Sponsor.Running.HandleJoinFrame(_channels, new(JoinFrameType.Join, nonsense), World.Now);
            World.Drain(Sponsor);
        }
        Assert.Equal(300, Sponsor.Log!.Count(Denied, nameof(JoinRefusal.Malformed)));
        AssertHonestJoins("honest");
    }

    private void AssertHonestJoins(string name)
    {
        TakeAnswers();
        var ticket = Invite();
        var node = World.Add();
        Assert.True(World.Join(node, ticket, Sponsor, name));
        Assert.True(World.RunUntil(() => Sponsor.Verified.Contains(node.Id), 10));
    }

    private Ticket Invite()
    {
        World.Act(Sponsor, member => member.Invite(new(Role.Guest, default, 2_000_000_000), null, World.Now));
        World.RunFor(0.1);
        return Sponsor.Tickets.Dequeue();
    }

    private void Attempt(TicketId ticket, TicketKey key, RandomSource random)
    {
        using var joiner = IdentityKey.Generate(random);
        Attempt(ticket, key, joiner, WishOf(joiner));
    }

    private void Attempt(TicketId ticket, TicketKey key, IdentityKey joiner, JoinWish wish)
    {
        var exporter = new byte[JoinBinding.ExporterSize];
        Sponsor.Running.HandleJoinOpened(++_channels, joiner.Id, exporter, World.Now);
        var join = new JoinRequest(ticket, wish).Prove(key, new(exporter, joiner.Id, Sponsor.Id));
        Sponsor.Running.HandleJoinFrame(_channels, new(JoinFrameType.Join, join), World.Now);
        World.Drain(Sponsor);
    }

    private JoinWish WishOf(IdentityKey joiner) => new(new(joiner.Id), NodeCertificate.Consent(joiner, _scene.Network, joiner.Id), "sybil", new("chat"), false, false);

    private int TakeAnswers()
    {
        var welcomed = 0;
        while (Sponsor.JoinSends.TryDequeue(out var answer)) { welcomed += answer.Frame.Type is JoinFrameType.Welcome ? 1 : 0; }
        return welcomed;
    }
}
