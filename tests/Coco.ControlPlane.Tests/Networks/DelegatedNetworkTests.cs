using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Tokens;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>What apps that act for a person learn of who that is, on either engine.</summary>
public abstract class DelegatedNetworkTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private string _person = "";
    private string _own = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_person, _own) = await Plane.CreateAccountAsync();
    }

    [Fact]
    public async Task No_answer_to_an_app_has_a_name_of_the_person_that_another_app_gets_too()
    {
        var (one, other) = (await TokenAsync("native", Scopes.Account, Scopes.NetworksWrite), await TokenAsync("native", Scopes.Account, Scopes.NetworksWrite));
        Plane.Time.Advance(TimeSpan.FromHours(1.5));

        var (first, second) = (await AnswersAsync(one), await AnswersAsync(other));

        Assert.DoesNotContain(_person, first, StringComparison.Ordinal);
        Assert.DoesNotContain(_person, second, StringComparison.Ordinal);
        var (me, again, them) = (await MeAsync(one), await MeAsync(one), await MeAsync(other));
        Assert.Equal((me.Id, TimeSpan.Zero), (again.Id, me.Created.TimeOfDay));
        Assert.NotEqual(me.Id, them.Id);
        Assert.Equal(_person, (await MeAsync(_own)).Id); // the person's own sign-in says who it is

        async Task<string> AnswersAsync(string token)
        {
            using var challenge = await Plane.SendAsync("POST", "/v1/challenges", token);
            using var account = await Plane.SendAsync("GET", "/v1/me", token);
            Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (challenge.StatusCode, account.StatusCode));
            return await challenge.Content.ReadAsStringAsync() + challenge.Headers + await account.Content.ReadAsStringAsync() + account.Headers;
        }

        Task<AccountView> MeAsync(string token) => Plane.SendAsync<AccountView>("GET", "/v1/me", token);
    }

    [Fact]
    public async Task An_app_brings_a_network_for_a_person_whom_it_knows_by_a_pseudonym()
    {
        using var key = IdentityKey.Generate();
        using var http = new HttpClient { BaseAddress = Plane.Host.Addresses[0] };
        var token = await TokenAsync("native", Scopes.NetworksWrite, Scopes.NetworksRead);

        using var home = await NetworkAuthority.CreateAsync(new(http, _ => new(token)), key, new() { Name = "home" });

        Assert.Equal(home.Network.ToString(), Assert.Single((await Plane.SendAsync<Page<NetworkView>>("GET", "/v1/networks", _own)).Items).Id);
    }

    [Fact]
    public async Task A_challenge_takes_a_token_that_may_change_networks()
    {
        using var answer = await Plane.SendAsync("POST", "/v1/challenges", await TokenAsync("native", Scopes.NetworksRead));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("cloudToCloud")]
    [InlineData("service")] // which has more scopes, for networks of its own
    public async Task A_service_that_a_person_let_in_lists_networks_under_pseudonyms_of_its_own_and_opens_none(string kind)
    {
        using var key = IdentityKey.Generate();
        using var second = IdentityKey.Generate();
        using var http = new HttpClient { BaseAddress = Plane.Host.Addresses[0] };
        Plane.Time.Advance(TimeSpan.FromHours(1.5));
        using var home = await NetworkAuthority.CreateAsync(new(http, _ => new(_own)), key, new() { Name = "home" });
        using var hut = await NetworkAuthority.CreateAsync(new(http, _ => new(_own)), second, new() { Name = "hut" });
        string[] scopes = [Scopes.NetworksRead, Scopes.NetworksWrite, Scopes.NodesRead, Scopes.NodesWrite, Scopes.UsageRead, Scopes.InstallsRead, Scopes.Webhooks];
        var (one, other) = (await TokenAsync(kind, scopes), await TokenAsync(kind, scopes));

        var (mine, theirs) = (await ListAsync(one), await ListAsync(other));

        Assert.Equal(["home", "hut"], mine.Select(static network => network.Name).Order(StringComparer.Ordinal));
        Assert.Equal(mine.Select(static network => network.Id), (await ListAsync(one)).Select(static network => network.Id));
        Assert.Empty(mine.Select(static network => network.Id).Intersect(theirs.Select(static network => network.Id), StringComparer.Ordinal));
        Assert.All(mine.Concat(theirs), static network => Assert.Equal((true, TimeSpan.Zero, 0L, 0L, "owner"), (network.Anonymised, network.Created.TimeOfDay, network.Statements, network.Version, network.Role)));
        foreach (var path in (string[])["", "/statements", "/roles", "/grants", "/policy", "/settings", "/control-planes", "/sub-clusters", "/nodes", "/usage", "/usage/nodes", "/invitations"])
        {
            foreach (var network in (string[])[home.Network.ToString(), mine[0].Id])
            {
                using var answer = await Plane.SendAsync("GET", $"/v1/networks/{network}{path}", one);
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }
        }

        // By pages of one, as cursors must not be keys either.
        async Task<List<NetworkView>> ListAsync(string token)
        {
            var (all, cursor) = (new List<NetworkView>(), "");
            while (cursor is not null)
            {
                using var answer = await Plane.SendAsync("GET", "/v1/networks?limit=1" + (cursor.Length > 0 ? "&cursor=" + cursor : ""), token);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.DoesNotContain(home.Network.ToString(), text, StringComparison.Ordinal);
                var page = System.Text.Json.JsonSerializer.Deserialize<Page<NetworkView>>(text, ApiJson.Options)!;
                var after = page.Next is null ? "" : System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(page.Next));
                Assert.True(after != home.Network.ToString() && after != hut.Network.ToString());
                all.AddRange(page.Items);
                cursor = page.Next;
            }
            return all;
        }
    }

    // As an app gets one that the person let in.
    private async Task<string> TokenAsync(string kind, params string[] scopes)
    {
        var (developer, _) = await Plane.CreateAccountAsync();
        var (app, _) = await Plane.CreateAppAsync(developer, kind, scopes);
        var now = Plane.Time.GetUtcNow();
        return await Plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, _person, app, null, [.. scopes], now, now.AddDays(1)));
    }
}
