using System.Buffers.Text;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Invitations by link, on either engine.</summary>
public abstract class InvitationTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task A_newcomer_joins_by_a_link_while_the_inviter_is_away_and_its_secret_reaches_nobody()
    {
        await using var plane = await StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        await using var proxy = new RecordingProxy(plane.Host.Addresses[0]);
        var inviter = await developer.OpenAsync(owner.Network, developer.Key, client: developer.Client(address: proxy.Address));
        var stranger = developer.Client(token: "", address: proxy.Address);

        var link = await inviter.InviteAsync(new() { SubCluster = new("north"), Role = Role.Admin });
        using (var browser = new HttpClient()) { Assert.Contains("invited", await browser.GetStringAsync(new Uri(link.ToText()), patience.Token), StringComparison.Ordinal); }
        Assert.True(JoinLink.TryParse(link.ToText(), out var read));
        await using var export = await Node.ExportAsync(read.Ticket.Network, Developer.NodeOptions("guest"), patience.Token);
        var asked = await stranger.AskToJoinAsync(read, export.Text, patience.Token);
        var admitted = await inviter.AnswerAsync(link, cancellationToken: patience.Token);
        var admission = await stranger.WaitForAdmissionAsync(read, asked.Id, patience.Token);
        await using var node = await export.ImportAsync(admission, patience.Token);

        Assert.Equal((export.Id.ToString(), "north"), (admitted!.Node.Id, admitted.Node.SubCluster));
        Assert.Equal("used", (await developer.Client().GetInvitationAsync(link.Invitation)).State);
        Assert.Equal(owner.Network, node.Network);
        Assert.All(SecretsOf(link.Ticket), secret => Assert.DoesNotContain(secret, proxy.Sent, StringComparison.OrdinalIgnoreCase));
        Assert.All(SecretsOf(link.Ticket), secret => Assert.DoesNotContain(plane.Log.Lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
        Assert.Contains($"GET /join/{link.Invitation} HTTP", proxy.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_answers_who_asked_by_a_link_with_its_ticket_and_nobody_gets_in_by_it_again()
    {
        await using var plane = await StartAsync();
        plane.Time.SetToNow(); // nodes go by the machine's
        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options(host, "lamp"), patience.Token);
        var (_, token) = await plane.CreateAccountAsync();
        using var http = plane.Connect();
        var (client, stranger) = (new ControlPlaneClient(http, _ => new(token)), new ControlPlaneClient(http, static _ => new((string?)null)));
        await client.RegisterAsync(lamp, patience.Token);
        var ticket = await lamp.InviteAsync(new() { Tags = ["server"] }, patience.Token);
        var made = await client.CreateInvitationAsync(lamp.Network, new(DateTimeOffset.UtcNow.AddHours(1)), patience.Token);
        var link = JoinLink.Make(new(made.Url), made.Id, ticket);

        var early = await client.AnswerAsync(lamp, link, patience.Token);
        var guessed = JoinLink.Make(link.Address, link.Invitation, new(lamp.Network, TicketSecret.Generate(RandomSource.System), ticket.Terms, ticket.Sponsors));
        await using var thief = await Node.ExportAsync(lamp.Network, Options(host, "thief"), patience.Token);
        await stranger.AskToJoinAsync(guessed, thief.Text, patience.Token);
        var stillNobody = await client.AnswerAsync(lamp, link, patience.Token);
        await using var export = await Node.ExportAsync(lamp.Network, Options(host, "phone"), patience.Token);
        var asked = await stranger.AskToJoinAsync(link, export.Text, patience.Token);
        var admitted = await client.AnswerAsync(lamp, link, patience.Token);
        await using var phone = await export.ImportAsync(await stranger.WaitForAdmissionAsync(link, asked.Id, patience.Token), patience.Token);
        Assert.Equal("used", (await client.GetInvitationAsync(link.Invitation, patience.Token)).State);
        await lamp.WaitForAsync(node => node.Peers.Any(peer => peer.Id == export.Id && peer.IsReachable), patience.Token);
        // A control plane that forgets the answer, or offers the link again, gets no second node by it.
        await plane.Database.WriteAsync(static session => session.ExecuteAsync($"UPDATE invitations SET state = {"open"}"), patience.Token);
        await plane.Database.WriteAsync(static session => session.ExecuteAsync($"DELETE FROM invitation_requests"), patience.Token);
        await using var second = await Node.ExportAsync(lamp.Network, Options(host, "second"), patience.Token);
        await stranger.AskToJoinAsync(link, second.Text, patience.Token);
        var again = await Assert.ThrowsAsync<ControlPlaneException>(() => client.AnswerAsync(lamp, link, patience.Token));
        var byTicket = await Assert.ThrowsAsync<CocoException>(() => Node.JoinAsync(ticket, Options(host, "late"), patience.Token));

        Assert.Equal((null, null, export.Id), (early, stillNobody, admitted));
        Assert.Contains((await client.ListNodesAsync(lamp.Network, cancellationToken: patience.Token)).Items, node => node.Id == export.Id.ToString());
        Assert.Contains("server", lamp.Peers.Single(peer => peer.Id == export.Id).Tags);
        Assert.Equal(ControlPlaneError.Gone, again.Code);
        Assert.NotEqual(CocoError.Unreachable, byTicket.Code);
    }

    private static NodeOptions Options(CocoHost host, string name) => new() { Name = name, App = new("org.example.home"), Host = host, DiscoverOnLan = false };

    [Fact]
    public async Task Of_two_that_have_a_link_one_is_let_in()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        var link = await owner.InviteAsync();
        var (first, second) = (Developer.Information(owner.Network, "first"), Developer.Information(owner.Network, "second"));
        var requests = await Task.WhenAll(developer.Client().AskToJoinAsync(link, first), developer.Client().AskToJoinAsync(link, second));
        // Two processes of the inviter answer at once, neither of which knows of the other.
        var other = await developer.OpenAsync(owner.Network, developer.Key);

        var answers = await Task.WhenAll(AnswerAsync(owner, requests[0].Id, first), AnswerAsync(other, requests[1].Id, second));

        Assert.Single(answers, answered => answered);
        Assert.Single((await developer.Client().ListNodesAsync(owner.Network)).Items);
        Assert.Null(await owner.AnswerAsync(await owner.InviteAsync()));

        async Task<bool> AnswerAsync(NetworkAuthority by, string request, string information)
        {
            var (certificate, admission) = Certify(by, developer.Key, information);
            using var response = await plane.SendAsync(
                "POST", $"/v1/networks/{by.Network}/invitations/{link.Invitation}/requests/{request}/answer", developer.Token, new { certificate, admission });
            Assert.Contains((int)response.StatusCode, new[] { 200, 410 });
            return response.IsSuccessStatusCode;
        }
    }

    [Fact]
    public async Task A_request_without_the_link_is_not_answered()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        var link = await owner.InviteAsync();
        var guessed = JoinLink.Make(link.Address, link.Invitation, new(owner.Network, TicketSecret.Generate(RandomSource.System), link.Ticket.Terms, link.Ticket.Sponsors));

        await developer.Client().AskToJoinAsync(guessed, Developer.Information(owner.Network, "thief"));

        Assert.Null(await owner.AnswerAsync(link));
        Assert.Empty((await developer.Client().ListNodesAsync(owner.Network)).Items);
    }

    [Fact]
    public async Task Strangers_can_leave_little_and_nothing_when_it_is_over()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        var (link, revoked) = (await owner.InviteAsync(), await owner.InviteAsync());
        for (var i = 0; i < Invitations.InvitationDesk.MaxRequests; i++) { await developer.Client().AskToJoinAsync(link, Developer.Information(owner.Network, $"n{i}")); }

        var full = await Assert.ThrowsAsync<ControlPlaneException>(() => developer.Client().AskToJoinAsync(link, Developer.Information(owner.Network, "more")));
        await developer.Client().RevokeInvitationAsync(owner.Network, revoked.Invitation);
        var gone = await Assert.ThrowsAsync<ControlPlaneException>(() => developer.Client().AskToJoinAsync(revoked, Developer.Information(owner.Network, "late")));
        plane.Time.Advance(TimeSpan.FromDays(40));
        var expired = await Assert.ThrowsAsync<ControlPlaneException>(() => developer.Client().AskToJoinAsync(link, Developer.Information(owner.Network, "later")));

        Assert.Equal((ControlPlaneError.Conflict, ControlPlaneError.Gone), (full.Code, gone.Code));
        Assert.Contains(expired.Code, new[] { ControlPlaneError.Gone, ControlPlaneError.Unauthenticated });
    }

    [Fact]
    public async Task The_page_of_a_link_runs_no_script()
    {
        await using var plane = await StartAsync();

        using var response = await plane.SendAsync("GET", "/join/anything");

        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.DoesNotContain("<script", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    private static (string Certificate, string Admission) Certify(NetworkAuthority by, IdentityKey key, string information)
    {
        Assert.True(NodeInformation.TryImport(information, out var node));
        var certificate = Cluster.Certificates.NodeCertificate.Sign(key, by.Log.State.OwnerAuthority, new()
        {
            Network = by.Network, Node = node.Node, Name = node.Wish.Name, User = node.Wish.User, App = node.Wish.App, SubCluster = new("x"), Consent = node.Wish.UserSignature,
        });
        return (Base64Url.EncodeToString(certificate.Encoded.Span), new AdmissionInformation(by.Network, node.Node, certificate.Encoded, [], []).Export());
    }

    // The ticket, its secret, and the key and name that come from it, in the spellings that something might be written in.
    private static IEnumerable<string> SecretsOf(Ticket ticket)
    {
        var (secret, key, id) = (new byte[TicketSecret.Size], new byte[TicketKey.Size], new byte[TicketId.Size]);
        ticket.Secret.CopyTo(secret);
        ticket.Secret.DeriveKey().CopyTo(key);
        ticket.Id.CopyTo(id);
        yield return ticket.ToText()[5..];
        foreach (var bytes in new[] { secret, key, id })
        {
            yield return Convert.ToHexString(bytes);
            yield return Convert.ToBase64String(bytes).TrimEnd('=');
            yield return Base64Url.EncodeToString(bytes);
        }
    }
}
