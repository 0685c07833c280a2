using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

public sealed class SponsorTests
{
    private static readonly NodeId Self = InvitationSamples.Id(2);
    private static readonly NodeId Alice = InvitationSamples.Id(10);
    private readonly FakeCertifier _certifier = new();
    private readonly Sponsor _sponsor;
    private ulong _channels;

    public SponsorTests() =>
        _sponsor = new(InvitationSamples.Network, Self, _certifier, new SeededRandomSource(5), new() { MaxTickets = 3, MaxChannels = 30 });

    [Fact]
    public void A_ticket_is_handed_out_when_it_is_on_disk_and_not_before()
    {
        Assert.True(_sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], 0, out var id));
        var persist = Assert.IsType<SponsorOutput.Persist>(Assert.Single(Outputs()));

        _sponsor.HandlePersisted(persist.Number);
        Assert.Equal(id, Assert.IsType<SponsorOutput.Invited>(Assert.Single(Outputs())).Ticket.Id);
    }

    [Fact]
    public void Nothing_is_said_or_certified_before_the_use_is_on_disk()
    {
        var ticket = Invite();
        Join(ticket, Alice, 10);
        var use = Assert.IsType<SponsorOutput.Persist>(Assert.Single(Outputs()));
        Assert.Equal((TicketState.Used, Alice, 0), (use.Record.State, use.Record.Node, _certifier.Made));

        _sponsor.HandlePersisted(use.Number);
        var made = Assert.IsType<SponsorOutput.Persist>(Assert.Single(Outputs()));
        Assert.Equal((1, false), (_certifier.Made, made.Record.Certificate.IsEmpty));

        _sponsor.HandlePersisted(made.Number);
        Assert.Contains(Outputs(), output => output is SponsorOutput.Send { Frame.Type: JoinFrameType.Welcome });
    }

    [Fact]
    public void A_write_that_fails_has_not_happened()
    {
        var ticket = Invite();
        Join(ticket, Alice, 10);
        _sponsor.HandlePersistFailed(Assert.IsType<SponsorOutput.Persist>(Assert.Single(Outputs())).Number);
        Assert.Equal(JoinRefusal.Busy, Refusal());

        Join(ticket, InvitationSamples.Id(11), 11);
        Assert.Equal(InvitationSamples.Id(11), Assert.IsType<SponsorOutput.Persist>(Assert.Single(Outputs())).Record.Node);
    }

    [Fact]
    public void Who_holds_an_expired_or_a_revoked_ticket_is_told_so()
    {
        var ticket = Invite();
        Join(ticket, Alice, 10, InvitationSamples.Expiry);
        Assert.Equal(JoinRefusal.Expired, Refusal());

        Assert.True(_sponsor.Revoke(ticket.Id));
        PersistAll();
        Join(ticket, Alice, 10);
        Assert.Equal(JoinRefusal.Revoked, Refusal());
    }

    [Fact]
    public void A_used_ticket_cannot_be_revoked()
    {
        var ticket = Invite();
        Join(ticket, Alice, 10);
        PersistAll();

        Assert.False(_sponsor.Revoke(ticket.Id));
    }

    [Fact]
    public void A_ticket_that_is_revoked_while_it_is_written_is_not_handed_out()
    {
        _sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], 0, out var id);
        Assert.True(_sponsor.Revoke(id));

        Assert.DoesNotContain(PersistAll(), output => output is SponsorOutput.Invited);
    }

    [Fact]
    public void The_winner_with_another_user_is_somebody_else()
    {
        var ticket = Invite();
        Join(ticket, Alice, user: 10);
        PersistAll();
        Join(ticket, Alice, user: 12);

        Assert.Equal(JoinRefusal.Used, Refusal());
    }

    [Fact]
    public void A_name_that_is_not_allowed_does_not_use_the_ticket()
    {
        var ticket = Invite();
        _certifier.Refusal = JoinRefusal.NotAllowed;
        Join(ticket, Alice, 10);
        Assert.Equal(JoinRefusal.NotAllowed, Refusal());

        _certifier.Refusal = null;
        Join(ticket, Alice, 10);
        Assert.Contains(PersistAll(), output => output is SponsorOutput.Admitted);
    }

    [Fact]
    public void A_man_in_the_middle_is_refused_because_his_channels_have_other_exporters()
    {
        var ticket = Invite();
        var intended = InvitationSamples.Binding(100, Alice, Self);
        var join = new JoinRequest(ticket.Id, InvitationSamples.Wish()).Prove(ticket.Secret.DeriveKey(), intended);
        Send(join, Alice); // the same identities, another channel

        Assert.Equal(JoinRefusal.NotValid, Refusal());
    }

    [Fact]
    public void Guesses_are_limited_and_do_not_lock_out_those_who_know()
    {
        var ticket = Invite();
        var reasons = Enumerable.Range(0, 25).Select(i =>
        {
            Join(InvitationSamples.Ticket(1000 + i), Alice, 10);
            return Refusal();
        }).ToList();
        Assert.Equal((20, 5), (reasons.Count(reason => reason is JoinRefusal.NotValid), reasons.Count(reason => reason is JoinRefusal.Busy)));

        Join(ticket, Alice, 10);
        Assert.Contains(PersistAll(), output => output is SponsorOutput.Admitted);
    }

    [Fact]
    public void Tickets_and_channels_are_bounded_and_expired_tickets_and_silent_channels_make_room()
    {
        for (var i = 0; i < 3; i++) { Assert.True(_sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], 0, out _)); }
        PersistAll();
        Assert.False(_sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], 0, out _));
        Assert.True(_sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], InvitationSamples.Expiry, out _));
        Assert.Equal(3, Outputs().Count(output => output is SponsorOutput.Forget));

        for (var i = 0ul; i < 31; i++) { _sponsor.HandleChannel(1000 + i, Alice, new byte[32], TimeSpan.Zero); }
        Assert.Equal([new SponsorOutput.Denied(Alice, JoinRefusal.Stalled), new SponsorOutput.Finish(1000, IsMember: false)], Outputs());
    }

    [Fact]
    public void A_channel_that_says_nothing_is_closed()
    {
        _sponsor.HandleChannel(1, Alice, new byte[32], TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(15), _sponsor.Deadline);
        _sponsor.HandleTimeout(_sponsor.Deadline);

        Assert.Equal([new SponsorOutput.Denied(Alice, JoinRefusal.Stalled), new SponsorOutput.Finish(1, IsMember: false)], Outputs());
        Assert.Equal(TimeSpan.MaxValue, _sponsor.Deadline);
    }

    private static TicketTerms Terms() => new(Role.Guest, default, InvitationSamples.Expiry);

    private Ticket Invite()
    {
        Assert.True(_sponsor.TryInvite(Terms(), [InvitationSamples.Sponsor(2)], 0, out _));
        return PersistAll().OfType<SponsorOutput.Invited>().Single().Ticket;
    }

    private void Join(Ticket ticket, NodeId joiner, int user, ulong time = InvitationSamples.Now) => Send(
        new JoinRequest(ticket.Id, InvitationSamples.Wish(user)).Prove(
            ticket.Secret.DeriveKey(), InvitationSamples.Binding((int)_channels + 1, joiner, Self)),
        joiner, time);

    private void Send(byte[] join, NodeId joiner, ulong time = InvitationSamples.Now)
    {
        var channel = ++_channels;
        _sponsor.HandleChannel(channel, joiner, InvitationSamples.Binding((int)channel, joiner, Self).Exporter, TimeSpan.Zero);
        _sponsor.HandleFrame(channel, new(JoinFrameType.Join, join), time, TimeSpan.Zero);
    }

    private JoinRefusal Refusal() =>
        (JoinRefusal)Outputs().OfType<SponsorOutput.Send>().Single(send => send.Frame.Type is JoinFrameType.Refused).Frame.Body.Span[0];

    private List<SponsorOutput> PersistAll()
    {
        var all = new List<SponsorOutput>();
        while (_sponsor.TryTakeOutput(out var output))
        {
            all.Add(output!);
            if (output is SponsorOutput.Persist persist) { _sponsor.HandlePersisted(persist.Number); }
        }
        return all;
    }

    private List<SponsorOutput> Outputs()
    {
        var all = new List<SponsorOutput>();
        while (_sponsor.TryTakeOutput(out var output)) { all.Add(output!); }
        return all;
    }
}
