using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

public sealed class JoinerTests
{
    private static readonly NodeId Self = InvitationSamples.Id(10);
    private static readonly NodeId SponsorId = InvitationSamples.Id(2);

    [Fact]
    public void A_sponsor_that_does_not_know_the_secret_is_not_believed()
    {
        var joiner = Connected(InvitationSamples.Ticket(), out var join);
        joiner.HandleFrame(Welcome(InvitationSamples.Ticket(4).Secret.DeriveKey(), 1, join), default);

        Assert.Equal(JoinRefusal.SponsorNotProved, End(joiner));
    }

    [Fact]
    public void A_welcome_from_another_channel_is_not_believed()
    {
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join);
        joiner.HandleFrame(Welcome(ticket.Secret.DeriveKey(), channel: 2, join), default);

        Assert.Equal(JoinRefusal.SponsorNotProved, End(joiner));
    }

    [Fact]
    public void A_welcome_that_answers_another_request_is_not_believed()
    {
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join);
        join[3] ^= 1;
        joiner.HandleFrame(Welcome(ticket.Secret.DeriveKey(), 1, join), default);

        Assert.Equal(JoinRefusal.SponsorNotProved, End(joiner));
    }

    [Fact]
    public void Nobody_but_a_sponsor_of_the_ticket_gets_to_see_a_proof()
    {
        var joiner = NewJoiner(InvitationSamples.Ticket(), out _);
        joiner.HandleChannel(InvitationSamples.Id(66), new byte[32], default);

        Assert.DoesNotContain(Outputs(joiner), output => output is JoinerOutput.Send);
        Assert.True(joiner.IsFinished);
    }

    [Fact]
    public void A_welcome_into_another_network_is_refused()
    {
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join, new FakeVerifier { Right = new(InvitationSamples.Id(99)) });
        Deliver(joiner, ticket, join);

        Assert.Equal(JoinRefusal.WrongNetwork, End(joiner));
    }

    [Fact]
    public void Statements_that_are_not_those_of_the_welcome_are_refused()
    {
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join);
        joiner.HandleFrame(Welcome(ticket.Secret.DeriveKey(), 1, join), default);
        joiner.HandleFrame(new(JoinFrameType.Statements, new byte[] { 1, 8 }), default);

        Assert.Equal(JoinRefusal.WrongNetwork, End(joiner));
    }

    [Fact]
    public void The_right_welcome_is_taken()
    {
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join);
        Deliver(joiner, ticket, join);

        Assert.Contains(Outputs(joiner), output => output is JoinerOutput.Joined);
        Assert.Equal((true, TimeSpan.MaxValue), (joiner.IsFinished, joiner.Deadline));
    }

    [Fact]
    public void Sponsors_are_called_in_turn_with_growing_pauses_until_time_is_up()
    {
        var ticket = InvitationSamples.Ticket(3, 2, 4);
        var joiner = new Joiner(ticket, Self, InvitationSamples.Wish(), new FakeVerifier(), new(), TimeSpan.Zero);
        var calls = new List<(NodeId Sponsor, TimeSpan At)>();
        var now = TimeSpan.Zero;
        JoinRefusal? failed = null;
        while (!joiner.IsFinished || failed is null)
        {
            while (joiner.TryTakeOutput(out var output))
            {
                if (output is JoinerOutput.Connect connect)
                {
                    calls.Add((connect.Sponsor.Id, now));
                    joiner.HandleChannelClosed(now);
                }
                if (output is JoinerOutput.Failed ended) { failed = ended.Reason; }
            }
            if (joiner.Deadline < TimeSpan.MaxValue && joiner.Deadline > now) { now = joiner.Deadline; }
            joiner.HandleTimeout(now);
        }

        Assert.Equal([0, 0, 1, 1, 3, 3, 7, 7, 15, 15, 31, 31, 47, 47], calls.Take(14).Select(call => (int)call.At.TotalSeconds));
        Assert.Equal([ticket.Sponsors[0].Id, ticket.Sponsors[1].Id], calls.Take(2).Select(call => call.Sponsor));
        Assert.Equal((JoinRefusal.NoAnswer, TimeSpan.FromMinutes(2)), (failed.Value, now));
    }

    [Fact]
    public void Frames_of_all_kinds_from_a_sponsor_end_the_attempt_and_no_more()
    {
        var random = new Random(3);
        var ticket = InvitationSamples.Ticket();
        var joiner = Connected(ticket, out var join);
        var seed = Welcome(ticket.Secret.DeriveKey(), 1, join).Body.ToArray();
        for (var i = 0; i < 5_000; i++)
        {
            if (i % 50 == 0) { joiner = Connected(ticket, out join); }
            joiner.HandleFrame(new((JoinFrameType)random.Next(15, 21), Mutation.Of(seed, random)), default);
            Assert.DoesNotContain(Outputs(joiner), output => output is JoinerOutput.Joined);
        }
    }

    [Fact]
    public void Node_information_travels_as_text_and_only_its_node_can_have_written_it()
    {
        using var key = InvitationSamples.Key(10);
        var text = NodeInformation.Export(key, InvitationSamples.Network, InvitationSamples.Wish(), addresses: null);

        Assert.True(NodeInformation.TryImport(text, out var read));
        Assert.Equal((InvitationSamples.Network, key.Id, "Ada's phone"), (read.Network, read.Node, read.Wish.Name));
        Assert.True(ArmouredText.TryRead("coconode1", text, NodeInformation.MaxLength, out var bytes));
        for (var at = 0; at < bytes.Length; at += 7)
        {
            bytes[at] ^= 1;
            Assert.False(NodeInformation.TryRead(bytes, out _), $"byte {at}");
            bytes[at] ^= 1;
        }
    }

    [Fact]
    public void An_admission_travels_as_text_to_the_node_it_is_for()
    {
        var admission = new AdmissionInformation(InvitationSamples.Network, Self, new byte[] { 9 }, [new byte[] { 1, 2 }], [new byte[] { 3 }]);

        Assert.True(AdmissionInformation.TryImport(admission.Export(), Self, out var read));
        Assert.Equal([9], read.Certificate.ToArray());
        Assert.Equal([1, 2], Assert.Single(read.Statements).ToArray());
        Assert.Equal([3], Assert.Single(read.AddressRecords).ToArray());
        Assert.False(AdmissionInformation.TryImport(admission.Export(), SponsorId, out _));
    }

    private static Joiner NewJoiner(Ticket ticket, out JoinerOutput.Connect connect, IWelcomeVerifier? verifier = null)
    {
        var joiner = new Joiner(ticket, Self, InvitationSamples.Wish(), verifier ?? new FakeVerifier(), new(), TimeSpan.Zero);
        connect = Assert.IsType<JoinerOutput.Connect>(Assert.Single(Outputs(joiner)));
        return joiner;
    }

    private static Joiner Connected(Ticket ticket, out byte[] join, IWelcomeVerifier? verifier = null)
    {
        var joiner = NewJoiner(ticket, out _, verifier);
        joiner.HandleChannel(SponsorId, InvitationSamples.Binding(1, Self, SponsorId).Exporter, default);
        join = Assert.IsType<JoinerOutput.Send>(Assert.Single(Outputs(joiner))).Frame.Body.ToArray();
        return joiner;
    }

    private static void Deliver(Joiner joiner, Ticket ticket, byte[] join)
    {
        joiner.HandleFrame(Welcome(ticket.Secret.DeriveKey(), 1, join), default);
        joiner.HandleFrame(new(JoinFrameType.Statements, new byte[] { 1, 7 }), default);
    }

    private static JoinFrame Welcome(TicketKey key, int channel, byte[] join)
    {
        var certificate = new byte[NodeId.Size + 1];
        Self.CopyTo(certificate);
        var frames = StatementFrames.Write([new byte[] { 7 }]);
        var message = new WelcomeMessage(certificate, 1, StatementFrames.HashOf(frames));
        return new(
            JoinFrameType.Welcome, message.Prove(key, InvitationSamples.Binding(channel, Self, SponsorId), JoinRequest.HashOf(join)));
    }

    private static JoinRefusal? End(Joiner joiner)
    {
        var outputs = Outputs(joiner);
        Assert.DoesNotContain(outputs, output => output is JoinerOutput.Joined);
        return outputs.OfType<JoinerOutput.Failed>().SingleOrDefault()?.Reason;
    }

    private static List<JoinerOutput> Outputs(Joiner joiner)
    {
        var all = new List<JoinerOutput>();
        while (joiner.TryTakeOutput(out var output)) { all.Add(output!); }
        return all;
    }
}
