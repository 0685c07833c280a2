using System.Text;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

public sealed class TicketTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500_000 : 20_000;

    [Fact]
    public void A_ticket_is_read_as_it_was_written()
    {
        var ticket = InvitationSamples.Ticket(3, 2, 4, 5);

        Assert.True(Ticket.TryParse(ticket.ToText(), out var read));
        Assert.Equal((ticket.Network, ticket.Id, ticket.Terms), (read.Network, read.Id, read.Terms));
        Assert.Equal(ticket.ToText(), read.ToText());
        Assert.Equal(ticket.Sponsors.Select(sponsor => sponsor.Id), read.Sponsors.Select(sponsor => sponsor.Id));
        Assert.Equal(ticket.Sponsors[0].Addresses, read.Sponsors[0].Addresses);
        Assert.Equal("wss://relay.example/coco", read.Sponsors[0].Relays[0].Url);
    }

    [Fact]
    public void It_is_laid_out_as_documented()
    {
        using var key = IdentityKey.FromSeed(Enumerable.Repeat((byte)0x5E, 32).ToArray());
        var secret = new TicketSecret(Enumerable.Repeat((byte)0xAB, 16).ToArray());
        var ticket = new Ticket(new(key.Id), secret, new(Role.Admin, new("a"), 2), [new(key.Id, [], [])]);
        var bytes = new byte[Ticket.MaxLength];

        const string Id = "8146640f02493af4fbc54fe33388e75dc2c937ae0b7727cc2b2afb1b75199a3e";
        Assert.Equal(
            "01" + Id + "abababababababababababababababab" + "01" + "0000000000000002" + "0161" + "01" + Id + "0000",
            Convert.ToHexStringLower(bytes.AsSpan(0, ticket.Write(bytes))));
    }

    [Fact]
    public void The_code_of_a_QR_picture_and_a_text_broken_into_lines_are_the_same_ticket()
    {
        var ticket = InvitationSamples.Ticket();
        var lines = string.Join("\r\n  ", ticket.ToText().Chunk(40).Select(line => new string(line)));

        Assert.True(Ticket.TryParse(ticket.ToQrText(), out var scanned));
        Assert.True(Ticket.TryParse(lines, out var pasted));
        Assert.Equal((ticket.Id, ticket.Id), (scanned.Id, pasted.Id));
        Assert.All(ticket.ToQrText(), character => Assert.Contains(character, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"));
    }

    [Fact]
    public void The_longest_ticket_fits_a_QR_code()
    {
        var text = ArmouredText.Write("coco1", new byte[Ticket.MaxLength]);

        Assert.True(text.Length <= 4296, $"{text.Length} characters");
    }

    [Fact]
    public void A_mistyped_character_is_noticed()
    {
        var text = InvitationSamples.Ticket().ToText().ToCharArray();
        for (var at = 0; at < text.Length; at++)
        {
            var right = text[at];
            text[at] = right == 'q' ? 'r' : 'q';
            Assert.False(Ticket.TryParse(text, out _), $"character {at}");
            text[at] = right;
        }
        Assert.True(Ticket.TryParse(text, out _));
    }

    [Fact]
    public void Neither_a_ticket_nor_its_record_shows_the_secret()
    {
        var ticket = InvitationSamples.Ticket();
        var secret = new byte[TicketSecret.Size];
        ticket.Secret.CopyTo(secret);
        var record = new TicketRecord(ticket.Id, ticket.Secret.DeriveKey(), ticket.Terms);

        Assert.DoesNotContain(Convert.ToHexStringLower(secret)[..8], ticket.ToString(), StringComparison.Ordinal);
        Assert.True(record.Encode().AsSpan().IndexOf(secret) < 0);
    }

    [Fact]
    public void A_record_keeps_the_tags_the_newcomer_will_have()
    {
        var ticket = InvitationSamples.Ticket();
        var record = new TicketRecord(ticket.Id, ticket.Secret.DeriveKey(), ticket.Terms with { Tags = ["family", "laptop"] });

        Assert.True(TicketRecord.TryDecode(record.Encode(), out var read));
        Assert.Equal(["family", "laptop"], read.Terms.Tags);
        Assert.Equal(record.Encode(), read.Encode());
        Assert.True(TicketRecord.TryDecode((record with { Terms = ticket.Terms }).Encode(), out var plain));
        Assert.Empty(plain.Terms.Tags);
    }

    [Fact]
    public void Bytes_of_all_kinds_are_read_or_refused_without_an_exception()
    {
        var random = new Random(20);
        var seeds = Seeds();
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Mutation.Of(seeds[i % seeds.Length], random);
            if (Ticket.TryRead(bytes, out var ticket)) { Assert.NotEmpty(ticket.ToText()); }
            if (TicketRecord.TryDecode(bytes, out var record)) { Assert.NotEmpty(record.Encode()); }
            JoinRequest.TryRead(bytes, out _);
            StatementFrames.TryRead(bytes, new List<ReadOnlyMemory<byte>>(), 100);
            AdmissionInformation.TryRead(bytes, out _);
            if (i % 16 == 0) { NodeInformation.TryRead(bytes, out _); } // verifies a signature
        }
    }

    [Fact]
    public void Texts_of_all_kinds_are_read_or_refused_without_an_exception()
    {
        var random = new Random(21);
        var right = InvitationSamples.Ticket().ToText();
        for (var i = 0; i < Inputs / 4; i++)
        {
            var text = Encoding.Latin1.GetString(Mutation.Of(Encoding.Latin1.GetBytes(right), random));
            if (Ticket.TryParse(text, out var ticket)) { Assert.Equal(right, ticket.ToText()); } // case and white space only
        }
    }

    private static byte[][] Seeds()
    {
        var ticket = InvitationSamples.Ticket(3, 2, 4);
        var bytes = new byte[Ticket.MaxLength];
        var record = new TicketRecord(ticket.Id, ticket.Secret.DeriveKey(), ticket.Terms)
        {
            State = TicketState.Used, Node = InvitationSamples.Id(7), User = new(InvitationSamples.Id(8)), Certificate = new byte[200],
        };
        var binding = InvitationSamples.Binding(1, InvitationSamples.Id(7), InvitationSamples.Id(2));
        var request = new JoinRequest(ticket.Id, InvitationSamples.Wish()).Prove(ticket.Secret.DeriveKey(), binding);
        var tagged = record with { Terms = ticket.Terms with { Tags = ["family", "laptop"] } };
        return [bytes[..ticket.Write(bytes)], record.Encode(), tagged.Encode(), request, [3, 1, 2, 3, 1, 9]];
    }
}
