using System.Buffers.Binary;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Traversal;

namespace Coco.Tests;

public sealed class TicketQrCodeTests
{
    [Fact]
    public void A_ticket_is_shown_in_a_terminal_as_a_square_that_fits_it()
    {
        var lines = SomeTicket(sponsors: 1).ToQrCode().Split('\n');

        // Two modules a character upwards, one sideways: half as many lines as columns.
        Assert.InRange(lines.Length, 20, 45);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.InRange(lines[0].Length, (2 * lines.Length) - 2, 2 * lines.Length);
    }

    [Fact]
    public void The_largest_ticket_still_fits_a_code()
    {
        var png = SomeTicket(Ticket.MaxSponsors).ToQrCodePng();

        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.Equal(0, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)) % 8); // IHDR's width
    }

    [Fact]
    public void Two_tickets_have_two_codes() => Assert.NotEqual(SomeTicket(1).ToQrCode(), SomeTicket(1, seed: 8).ToQrCode());

    private static Ticket SomeTicket(int sponsors, ulong seed = 7)
    {
        var random = new SeededRandomSource(seed);
        NodeId Id()
        {
            using var key = IdentityKey.Generate(random);
            return key.Id;
        }
        var addresses = Enumerable.Range(1, TicketSponsor.MaxAddresses).Select(port => NetworkAddress.FromIpv4(0xC0000201, port)).ToArray();
        return new(
            new(Id()), TicketSecret.Generate(random), new(Role.Guest, default, 1_800_000_000),
            [.. Enumerable.Range(0, sponsors).Select(_ => new TicketSponsor(Id(), [], addresses))]);
    }
}
