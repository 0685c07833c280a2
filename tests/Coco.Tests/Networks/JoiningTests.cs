using Coco.Cluster.Membership;

namespace Coco.Tests.Networks;

public sealed class JoiningTests
{
    [Fact]
    public async Task Who_joins_by_ticket_is_found_by_name_and_streams_go_both_ways()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync("ada");
        var bob = await network.JoinAsync(ada, "bob");

        Assert.Equal((ada.Network, "home", "bob", Role.Owner), (bob.Network, bob.NetworkName, bob.Name, Assert.Single(bob.Peers).Role));
        await network.AllSeeAsync(ada, bob);
        await network.ExchangeAsync(bob, ada, "ada");
        await network.ExchangeAsync(ada, bob, "bob");
    }

    [Fact]
    public async Task Of_two_joiners_with_one_ticket_one_wins()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var ticket = await ada.InviteAsync(cancellationToken: network.Patience);

        async Task<CocoError?> TryAsync(string name)
        {
            try
            {
                network.Own(await Node.JoinAsync(ticket, TestNetwork.Options(name), network.Patience));
                return null;
            }
            catch (CocoException exception)
            {
                return exception.Code;
            }
        }
        var outcomes = await Task.WhenAll(TryAsync("bob"), TryAsync("eve"));

        Assert.Equal([null, CocoError.TicketUsed], outcomes.Order());
    }

    [Fact]
    public async Task A_ticket_that_was_taken_back_lets_nobody_in()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var ticket = await ada.InviteAsync(cancellationToken: network.Patience);
        await ada.RevokeInvitationAsync(ticket.Id, network.Patience);

        var failure = await Assert.ThrowsAsync<CocoException>(() => Node.JoinAsync(ticket, TestNetwork.Options("bob"), network.Patience));

        Assert.Equal(CocoError.TicketRevoked, failure.Code);
    }

    [Fact]
    public async Task A_text_that_is_no_ticket_is_told_so()
    {
        var failure = await Assert.ThrowsAsync<CocoException>(() => Node.JoinAsync("coco1nonsense", TestNetwork.Options("bob")));

        Assert.Equal(CocoError.InvalidText, failure.Code);
    }

    [Fact]
    public async Task A_guest_cannot_invite_and_an_admin_can()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var guest = await network.JoinAsync(ada, "guest");
        var admin = await network.JoinAsync(ada, "admin", Role.Admin);

        var failure = await Assert.ThrowsAsync<CocoException>(() => guest.InviteAsync(cancellationToken: network.Patience));
        Assert.Equal(CocoError.NotPermitted, failure.Code);
        var carol = await network.JoinAsync(admin, "carol");
        await network.AllSeeAsync(ada, guest, admin, carol);
    }

    [Fact]
    public async Task A_node_joins_by_texts_that_go_to_and_fro()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        await using var export = await Node.ExportAsync(ada.Network, TestNetwork.Options("bob"), network.Patience);

        var admission = await ada.AdmitAsync(export.Text, cancellationToken: network.Patience);
        var bob = network.Own(await export.ImportAsync(admission, network.Patience));

        Assert.Equal(export.Id, bob.Id);
        await network.AllSeeAsync(ada, bob);
        await network.ExchangeAsync(bob, ada);
    }
}
