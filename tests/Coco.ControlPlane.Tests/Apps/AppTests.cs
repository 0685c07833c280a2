using System.Net;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Tests.Apps;

/// <summary>Apps, on either engine.</summary>
public abstract class AppTests
{
    private protected static readonly AppDefinition Definition = new("Thermostats", AppKind.Service, ["https://app.example/callback"], [Scopes.NetworksRead, Scopes.OpenId]);

    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task An_app_is_registered_shown_changed_and_deleted()
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();

        var created = await plane.SendAsync<AppCreated>("POST", "/v1/apps", token, Definition);
        using var shown = await plane.SendAsync("GET", "/v1/apps/" + created.App.Id, token);
        var change = new AppChange("Heating", [], [Scopes.NetworksRead]);
        using var changed = await plane.SendAsync("PUT", "/v1/apps/" + created.App.Id, token, change, ("If-Match", shown.Headers.ETag!.ToString()));
        using var late = await plane.SendAsync("PUT", "/v1/apps/" + created.App.Id, token, change, ("If-Match", shown.Headers.ETag!.ToString()));
        using var careless = await plane.SendAsync("PUT", "/v1/apps/" + created.App.Id, token, change);
        var listed = await plane.SendAsync<Page<AppView>>("GET", "/v1/apps", token);
        using var deleted = await plane.SendAsync("DELETE", "/v1/apps/" + created.App.Id, token);
        using var gone = await plane.SendAsync("GET", "/v1/apps/" + created.App.Id, token);

        Assert.StartsWith("coco_cs_", created.Secret, StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionRequired], [changed.StatusCode, late.StatusCode, careless.StatusCode]);
        Assert.Equal("Heating", Assert.Single(listed.Items).Name);
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NotFound], [deleted.StatusCode, gone.StatusCode]);
    }

    [Fact]
    public async Task Others_do_not_see_it_at_all()
    {
        await using var plane = await StartAsync();
        var (owner, token) = await plane.CreateAccountAsync();
        var (_, stranger) = await plane.CreateAccountAsync();
        var (app, _) = await plane.CreateAppAsync(owner);
        var (_, otherApp) = await plane.CreateAppAsync(owner, scopes: Scopes.Apps);

        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", "", null), ("PUT", "", new AppChange("x", [], [])), ("DELETE", "", null), ("POST", "/secret", new SecretRotation()),
        })
        {
            foreach (var caller in new[] { stranger, otherApp })
            {
                using var response = await plane.SendAsync(method, "/v1/apps/" + app + path, caller, body, ("If-Match", "*"));
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            }
        }
        Assert.Equal(app, (await plane.SendAsync<AppView>("GET", "/v1/apps/" + app, token)).Id);
    }

    [Fact]
    public async Task A_rotated_secret_leaves_the_one_before_for_a_while()
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();
        var created = await plane.SendAsync<AppCreated>("POST", "/v1/apps", token, Definition);

        var rotated = await plane.SendAsync<AppCreated>("POST", $"/v1/apps/{created.App.Id}/secret", token, new SecretRotation(3600));
        async Task<bool> IsGoodAsync(string secret) =>
            AppStore.IsSecret((await plane.Database.ReadAsync(session => AppStore.FindAsync(session, created.App.Id), default))!, secret, plane.Time.GetUtcNow());
        var (before, after) = (await IsGoodAsync(created.Secret!), await IsGoodAsync(rotated.Secret!));
        plane.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal((true, true), (before, after));
        Assert.Equal((false, true), (await IsGoodAsync(created.Secret!), await IsGoodAsync(rotated.Secret!)));
    }

    [Fact]
    public async Task A_repeated_registration_answers_the_same_secret_and_keeps_it_sealed()
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();

        var first = await plane.SendAsync<AppCreated>("POST", "/v1/apps", token, Definition, ("Idempotency-Key", "one"));
        var second = await plane.SendAsync<AppCreated>("POST", "/v1/apps", token, Definition, ("Idempotency-Key", "one"));

        Assert.Equal((first.App.Id, first.Secret), (second.App.Id, second.Secret));
        var stored = await plane.Database.ReadAsync(session => session.QueryAsync($"SELECT body FROM idempotency_keys", row => row.Bytes("body")), default);
        Assert.DoesNotContain(first.Secret!, System.Text.Encoding.Latin1.GetString(Assert.Single(stored)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_registration_many_times_at_once_is_one()
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();
        await plane.SendAsync<Page<AppView>>("GET", "/v1/apps", token); // the document is fetched once

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => plane.SendAsync<AppCreated>("POST", "/v1/apps", token, Definition, ("Idempotency-Key", "one"))));

        Assert.Single(all.Select(static one => (one.App.Id, one.Secret)).Distinct());
        Assert.Single((await plane.SendAsync<Page<AppView>>("GET", "/v1/apps", token)).Items);
    }

    [Fact]
    public async Task Somebody_has_so_many_apps_however_many_are_registered_at_once_and_another_when_one_is_deleted()
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();
        await plane.SendAsync<Page<AppView>>("GET", "/v1/apps", token);

        var codes = await Task.WhenAll(Enumerable.Range(0, AppRules.MaxApps + 10).Select(i => CreateAsync(i)));
        var apps = await plane.SendAsync<Page<AppView>>("GET", "/v1/apps?limit=100", token);
        var counted = await plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT apps FROM app_counts"), default);
        using var deleted = await plane.SendAsync("DELETE", $"/v1/apps/{apps.Items[0].Id}", token);

        Assert.Equal((AppRules.MaxApps, 10), (codes.Count(static code => code == 201), codes.Count(static code => code == 409)));
        Assert.Equal((AppRules.MaxApps, AppRules.MaxApps), (apps.Items.Count, counted));
        Assert.Equal((204, 201, 409), ((int)deleted.StatusCode, await CreateAsync(1000), await CreateAsync(1001)));

        async Task<int> CreateAsync(int number)
        {
            using var answer = await plane.SendAsync("POST", "/v1/apps", token, Definition, ("Idempotency-Key", $"key{number}"));
            return (int)answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("""{"name":"x","kind":"service","owner":"acc_somebody"}""")]
    [InlineData("""{"name":"x","kind":"service","id":"app_mine"}""")]
    [InlineData("""{"name":"x","kind":"service","secret":"mine"}""")]
    [InlineData("""{"name":"x","kind":0}""")]
    [InlineData("""{"name":"x","kind":"operator"}""")]
    [InlineData("""{"name":"x","name":"y","kind":"service"}""")]
    [InlineData("""{"name":null,"kind":"service"}""")]
    [InlineData("""{"name":"x","kind":"service","redirectUris":[null]}""")]
    [InlineData("""{"name":"x","kind":"service","scopes":[null]}""")]
    [InlineData("""{"name":"x","kind":"service","scopes":["openid","openid"]}""")]
    [InlineData("""{"name":"x","kind":"service","scopes":["account"]}""")]
    [InlineData("""{"name":"x","kind":"cloudToCloud","scopes":["networks:write"]}""")]
    [InlineData("""{"name":"x","kind":"cloudToCloud","scopes":["openid"]}""")]
    [InlineData("""{"name":"x","kind":"service","scopes":["network:abc"]}""")]
    [InlineData("""{"name":"x","kind":"service","scopes":["openid email"]}""")]
    [InlineData("""{"name":"","kind":"service"}""")]
    [InlineData("{\"name\":\"evil\u202Etxt\",\"kind\":\"service\"}")]
    public async Task What_a_contract_does_not_name_or_allow_is_refused(string body)
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/apps") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await plane.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.False(await plane.Database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM apps"), default));
    }

    [Fact]
    public async Task A_service_app_speaks_for_its_own_users_in_its_own_networks()
    {
        await using var plane = await StartAsync();
        var (owner, ownerToken) = await plane.CreateAccountAsync();
        var app = (await plane.SendAsync<AppCreated>("POST", "/v1/apps", ownerToken, new AppDefinition("Cars", AppKind.Service, [], [Scopes.NodesRead, Scopes.NodesWrite]))).App.Id;
        var token = await TokenOfAsync(plane, app);
        await AddNetworkAsync(plane, "net_own", app);
        await AddNetworkAsync(plane, "net_other", (await plane.CreateAppAsync(owner)).Id);
        var expires = plane.Time.GetUtcNow().AddHours(1);
        async Task<(HttpStatusCode, string)> AskAsync(ExternalTokenRequest request, string? caller = null)
        {
            using var response = await plane.SendAsync("POST", "/v1/external-tokens", caller ?? token, request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        var good = await plane.SendAsync<ExternalToken>("POST", "/v1/external-tokens", token, new ExternalTokenRequest("user-7", "net_own", expires, [Scopes.NodesWrite]));
        var read = await plane.Database.ReadAsync(session => TokenStore.FindAsync(session, good.Token), default);

        Assert.Equal((TokenKind.ExternalUser, app, "user-7", expires), (read!.Kind, read.AppId, read.ExternalUser, read.Expires));
        Assert.Equal(["network:net_own", "nodes:write"], read.Scopes.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(new("user-7", "net_other", expires, [Scopes.NodesWrite]))).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(new("user-7", "net_own", expires, [Scopes.Apps]))).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(new("user-7", "net_own", expires, [Scopes.NetworksRead]))).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(new("user-7", "net_own", expires, ["network:net_other"]))).Item1);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(new("user-7", "net_own", plane.Time.GetUtcNow().AddHours(25), [Scopes.NodesWrite]))).Item1);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(new("user\n7", "net_own", expires, [Scopes.NodesWrite]))).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(new("user-7", "net_own", expires, [Scopes.NodesWrite]), ownerToken)).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(new("user-8", "net_own", expires, [Scopes.NodesWrite]), good.Token)).Item1);
    }

    private static Task<string> TokenOfAsync(TestPlane plane, string app)
    {
        var now = plane.Time.GetUtcNow();
        return plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, app, null, [Scopes.NodesWrite], now, now.AddHours(1)));
    }

    private static Task<int> AddNetworkAsync(TestPlane plane, string id, string app) => plane.Database.WriteAsync(
        session => session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_app, created, version) VALUES ({id}, {"developer"}, {id}, {app}, {plane.Time.GetUtcNow()}, 1)"), default);
}
