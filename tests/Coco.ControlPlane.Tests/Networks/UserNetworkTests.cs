using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Tokens;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Networks of people, and who of them may do what by the API; and the developer's own users.</summary>
public abstract class UserNetworkTests : IAsyncLifetime
{
    private readonly List<IDisposable> _owned = [];
    private TestPlane _plane = null!;

    internal abstract Task<TestPlane> StartAsync();

    public async ValueTask InitializeAsync() => _plane = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned) { owned.Dispose(); }
        if (_plane is not null) { await _plane.DisposeAsync(); } // not there where the engine is not
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Accounts_have_the_roles_that_were_signed_for_their_keys_and_lose_them_with_the_statement()
    {
        var (owner, _, _) = await FoundAsync();
        using var key = IdentityKey.Generate();
        var user = new UserId(key.Id);
        var (_, token) = await _plane.CreateAccountAsync();
        var client = Client(token);
        var before = await Assert.ThrowsAsync<ControlPlaneException>(() => client.LinkUserAsync(owner.Network, key));

        await owner.GrantAsync(user, Role.Guest);
        var link = await client.LinkUserAsync(owner.Network, key);
        var asGuest = (await client.GetNetworkAsync(owner.Network)).Role;
        var forbidden = await Assert.ThrowsAsync<ControlPlaneException>(() => client.CreateInvitationAsync(owner.Network, new(_plane.Time.GetUtcNow().AddDays(1))));
        await owner.GrantAsync(user, Role.Admin);
        var asAdmin = (await client.GetNetworkAsync(owner.Network)).Role;
        await owner.RemoveAsync(user);
        var after = await Assert.ThrowsAsync<ControlPlaneException>(() => client.GetNetworkAsync(owner.Network));

        Assert.Equal(ControlPlaneError.NotFound, before.Code);
        Assert.Equal(("guest", "guest", "admin"), (link.Role, asGuest, asAdmin));
        Assert.Equal((ControlPlaneError.Forbidden, ControlPlaneError.NotFound), (forbidden.Code, after.Code));
        Assert.Empty((await client.ListNetworksAsync()).Items);
    }

    [Theory]
    [InlineData(Role.Guest)]
    [InlineData(Role.Admin)]
    public async Task A_user_with_two_accounts_has_the_role_in_both_and_neither_sees_anything_of_the_other(Role role)
    {
        var (home, _, _) = await FoundAsync();
        using var key = IdentityKey.Generate();
        await home.GrantAsync(new UserId(key.Id), role);
        var (work, worker, _) = await FoundAsync(); // an account with a network and an app of its own
        await _plane.CreateAppAsync((await _plane.SendAsync<AccountView>("GET", "/v1/me", TokenOf(worker))).Id);
        var ((_, token), (third, thirds)) = (await _plane.CreateAccountAsync(), await _plane.CreateAccountAsync());
        var other = Client(token);
        foreach (var client in new[] { worker, other, Client(thirds) }) { await client.LinkUserAsync(home.Network, key); }

        var name = role.ToString().ToLowerInvariant();
        Assert.Equal([(home.Network.ToString(), name)], (await other.ListNetworksAsync()).Items.Select(static network => (network.Id, network.Role)));
        Assert.Equal(
            [(work.Network.ToString(), "owner"), (home.Network.ToString(), name)], (await worker.ListNetworksAsync()).Items.Select(static network => (network.Id, network.Role)).OrderByDescending(static one => one.Role));
        await RefusedAsync(ControlPlaneError.NotFound, () => other.GetNetworkAsync(work.Network));
        Assert.Empty((await _plane.SendAsync<Page<AppView>>("GET", "/v1/apps", token)).Items);
        Assert.Single((await _plane.SendAsync<Page<SessionView>>("GET", "/v1/sessions", token)).Items);

        // One account that goes takes nothing from the other; the user that is removed is removed from both.
        await _plane.Database.WriteAsync(session => AccountStore.DeleteAsync(session, third), default);
        foreach (var client in new[] { worker, other }) { Assert.Equal(name, (await client.GetNetworkAsync(home.Network)).Role); }
        await home.RemoveAsync(new UserId(key.Id));
        foreach (var client in new[] { worker, other }) { await RefusedAsync(ControlPlaneError.NotFound, () => client.GetNetworkAsync(home.Network)); }
        Assert.Empty((await other.ListNetworksAsync()).Items);
        Assert.Equal(work.Network.ToString(), Assert.Single((await worker.ListNetworksAsync()).Items).Id);
    }

    [Fact]
    public async Task Installs_of_an_app_form_a_sub_cluster_whichever_way_they_come_in_and_their_owner_may_move_one()
    {
        var (owner, client, _) = await FoundAsync();
        using var pump = IdentityKey.Generate();
        await owner.CertifyAsync(Developer.Information(owner.Network, "pump", pump, app: "app_heating"));
        await owner.CertifyAsync(Developer.Information(owner.Network, "boiler", app: "app_heating"));
        await owner.CertifyAsync(Developer.Information(owner.Network, "lamp", app: "app_light"));
        var link = await owner.InviteAsync();
        await client.AskToJoinAsync(link, Developer.Information(owner.Network, "valve", app: "app_heating"));
        await owner.AnswerAsync(link);

        Assert.Equal([("app_heating", 3L), ("app_light", 1L)], await PartsAsync());
        Assert.Equal(["boiler", "pump", "valve"], (await client.ListNodesAsync(owner.Network, new() { SubCluster = "app_heating" })).Items.Select(static node => node.Name).Order(StringComparer.Ordinal));
        await owner.MoveAsync(pump.Id, new("cellar"));
        Assert.Equal([("app_heating", 2L), ("app_light", 1L), ("cellar", 1L)], await PartsAsync());

        async Task<IEnumerable<(string, long)>> PartsAsync() => (await client.ListSubClustersAsync(owner.Network)).Items.Select(static part => (part.Name, part.Nodes)).OrderBy(static part => part.Name, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_proof_holds_for_its_caller_network_and_time_alone()
    {
        var (owner, client, key) = await FoundAsync();
        var (other, _, _) = await FoundAsync();
        var (_, token) = await _plane.CreateAccountAsync();
        var challenge = await client.CreateChallengeAsync();
        var proof = KeyProofs.Sign(key, owner.Network, client.Origin, challenge);

        using var byAnother = await _plane.SendAsync("POST", $"/v1/networks/{owner.Network}/links", token, proof);
        using var elsewhere = await _plane.SendAsync("POST", $"/v1/networks/{other.Network}/links", TokenOf(client), proof);
        using var relayed = await _plane.SendAsync("POST", $"/v1/networks/{owner.Network}/links", TokenOf(client), KeyProofs.Sign(key, owner.Network, "https://other.example", challenge));
        using var fine = await _plane.SendAsync("POST", $"/v1/networks/{owner.Network}/links", TokenOf(client), proof);
        _plane.Time.Advance(TimeSpan.FromMinutes(6));
        using var late = await _plane.SendAsync("POST", $"/v1/networks/{owner.Network}/links", TokenOf(client), proof);

        Assert.Equal([400, 422, 422, 200, 410], new[] { byAnother, elsewhere, relayed, fine, late }.Select(response => (int)response.StatusCode));
    }

    [Fact]
    public async Task Nobody_brings_a_network_here_but_who_holds_its_owners_key()
    {
        var (_, thief) = await _plane.CreateAccountAsync();
        var (owner, client, _) = await FoundAsync();
        var statements = (await client.ListStatementsAsync(owner.Network)).Items.Select(item => item.Statement).ToArray();
        await client.DeleteNetworkAsync(owner.Network);
        using var key = IdentityKey.Generate();
        var challenge = await Client(thief).CreateChallengeAsync();

        using var response = await _plane.SendAsync("POST", "/v1/networks", thief, new { statements, proof = KeyProofs.Sign(key, owner.Network, client.Origin, challenge) });

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal(0, await _plane.Database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM networks"), default));
        Assert.Equal(0, await _plane.Database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM network_statements"), default));
    }

    [Fact]
    public async Task A_developers_own_user_sees_and_creates_its_own_nodes_only()
    {
        using var developer = await Developer.CreateAsync(_plane);
        var (fleet, foreign) = (await developer.FoundAsync(), await developer.FoundAsync());
        var token = await ExternalAsync(developer, "user-1", fleet.Network);
        var mine = await fleet.CertifyAsync(Developer.Information(fleet.Network, "mine"), new() { ExternalUserId = "user-1" });
        var theirs = await fleet.CertifyAsync(Developer.Information(fleet.Network, "theirs"), new() { ExternalUserId = "user-2" });
        var client = Client(token);

        Assert.Equal(["mine"], (await client.ListNodesAsync(fleet.Network)).Items.Select(node => node.Name));
        Assert.Equal("mine", (await client.GetNodeAsync(fleet.Network, NodeId.Parse(mine.Node.Id))).Name);
        await RefusedAsync(ControlPlaneError.NotFound, () => client.GetNodeAsync(fleet.Network, NodeId.Parse(theirs.Node.Id)));
        await RefusedAsync(ControlPlaneError.NotFound, () => client.ListNodesAsync(fleet.Network, new() { ExternalUserId = "user-2" }));
        await RefusedAsync(ControlPlaneError.NotFound, () => client.ListNodesAsync(foreign.Network));
        await RefusedAsync(ControlPlaneError.NotFound, () => client.GetNetworkAsync(fleet.Network));
        await RefusedAsync(ControlPlaneError.Conflict, () => client.CreateNodeAsync(fleet.Network, new(theirs.Node.Certificate)));
        await RefusedAsync(ControlPlaneError.Forbidden, () => client.CreateNodeAsync(fleet.Network, new(mine.Node.Certificate, "user-2")));
        Assert.Equal("user-1", (await client.CreateNodeAsync(fleet.Network, new(mine.Node.Certificate))).ExternalUserId);
    }

    [Fact]
    public async Task What_leaves_towards_an_apps_service_names_nobody_in_networks_of_people()
    {
        var (owner, client, key) = await FoundAsync();
        using var one = await Developer.CreateAsync(_plane);
        using var two = await Developer.CreateAsync(_plane);
        var nodes = new List<CertifiedNode>();
        foreach (var app in new[] { one.App, two.App, one.App })
        {
            nodes.Add(await owner.CertifyAsync(Developer.Information(owner.Network, $"secretname{nodes.Count}", app: app)));
        }

        var sameDay = await one.Client().ListInstallsAsync(one.App);
        _plane.Time.Advance(TimeSpan.FromHours(13));
        var first = await _plane.SendAsync("GET", $"/v1/apps/{one.App}/installs?limit=1", one.Token);
        var text = await first.Content.ReadAsStringAsync() + string.Join('\n', first.Headers);
        var ofOne = await one.Client().ListInstallsAsync(one.App);
        var ofTwo = await two.Client().ListInstallsAsync(two.App);

        Assert.Empty(sameDay.Items);
        Assert.Equal((2, 1), (ofOne.Items.Count, ofTwo.Items.Count));
        Assert.All(ofOne.Items.Concat(ofTwo.Items), install => Assert.True(install.Anonymised));
        Assert.Empty(ofOne.Items.Select(install => install.Network).Intersect(ofTwo.Items.Select(install => install.Network)));
        text += System.Text.Json.JsonSerializer.Serialize(new[] { ofOne, ofTwo }) + Encoded(first, text);
        string[] identifying =
        [
            owner.Network.ToString(), owner.User.ToString(), key.Id.ToString(), "fleet", "secretname", "127.0.0.1", "example.org",
            .. nodes.SelectMany(node => new[] { node.Node.Id, node.Node.User, node.Node.Certificate[..40], node.Node.Created.ToString("HH:mm") }),
            .. await _plane.Database.ReadAsync(session => session.QueryAsync($"SELECT id FROM accounts", row => row.Text("id")), default),
        ];
        Assert.All(identifying, value => Assert.DoesNotContain(value, text, StringComparison.OrdinalIgnoreCase));
        var foreign = await Assert.ThrowsAsync<ControlPlaneException>(() => one.Client().ListInstallsAsync(two.App));
        Assert.Equal(ControlPlaneError.NotFound, foreign.Code);
        Assert.True((await client.GetNetworkAsync(owner.Network)).Anonymised);
    }

    [Fact]
    public async Task A_developers_own_network_is_plainly_not_anonymised()
    {
        using var developer = await Developer.CreateAsync(_plane);
        var fleet = await developer.FoundAsync();
        var node = await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", app: developer.App));

        var install = Assert.Single((await developer.Client().ListInstallsAsync(developer.App)).Items);

        Assert.Equal((node.Node.Id, fleet.Network.ToString(), false), (install.Id, install.Network, install.Anonymised));
        Assert.False((await developer.Client().GetNetworkAsync(fleet.Network)).Anonymised);
    }

    // Cursors are base64url: what they hold is searched as well.
    private static string Encoded(HttpResponseMessage response, string text)
    {
        _ = response;
        using var page = System.Text.Json.JsonDocument.Parse(text[..(text.LastIndexOf('}') + 1)]);
        return page.RootElement.TryGetProperty("next", out var next) ? System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(next.GetString()!)) : "";
    }

    private static async Task RefusedAsync(ControlPlaneError code, Func<Task> act) => Assert.Equal(code, (await Assert.ThrowsAsync<ControlPlaneException>(act)).Code);

    private readonly Dictionary<ControlPlaneClient, string> _tokens = [];

    private string TokenOf(ControlPlaneClient client) => _tokens[client];

    private ControlPlaneClient Client(string token)
    {
        var http = _plane.Connect();
        _owned.Add(http);
        var client = new ControlPlaneClient(http, _ => ValueTask.FromResult<string?>(token), _plane.Time);
        _tokens.Add(client, token);
        return client;
    }

    private async Task<(NetworkAuthority Owner, ControlPlaneClient Client, IdentityKey Key)> FoundAsync()
    {
        var (_, token) = await _plane.CreateAccountAsync();
        var (client, key) = (Client(token), IdentityKey.Generate());
        _owned.Add(key);
        var owner = await NetworkAuthority.CreateAsync(client, key, new() { Name = "fleet" });
        _owned.Add(owner);
        return (owner, client, key);
    }

    private Task<string> ExternalAsync(Developer developer, string user, NetworkId network) => _plane.IssueTokenAsync(new(
        Identifiers.New("tok"), TokenKind.ExternalUser, null, developer.App, user, ["nodes:read", "nodes:write", NetworkRoles.ScopeOf(network.ToString())],
        _plane.Time.GetUtcNow(), _plane.Time.GetUtcNow().AddDays(1)));
}
