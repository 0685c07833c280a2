using Coco.ControlPlane.Settings;
using System.Net.Http.Headers;
using System.Text;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>The endpoints that apps ask without a person, and how they are attacked.</summary>
public abstract class TokenEndpointTests
{
    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null);

    [Theory]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("code_verifier", "another-verifier-of-more-than-forty-three-chars", "invalid_grant")]
    [InlineData("redirect_uri", "https://app.example/other", "invalid_grant")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("code", "made up", "invalid_grant")]
    [InlineData("grant_type", null, "invalid_request")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("grant_type", "implicit", "unsupported_grant_type")]
    public async Task A_code_is_bound_to_its_request(string name, string? value, string error)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var answer = await client.RedeemAsync(await client.CodeAsync(), (name, value));

        Assert.Equal((400, error), (answer.Status, answer["error"]));
    }

    [Fact]
    public async Task A_wrong_verifier_uses_the_code_up()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var code = await client.CodeAsync();

        await client.RedeemAsync(code, ("code_verifier", "another-verifier-of-more-than-forty-three-chars"));
        var right = await client.RedeemAsync(code);

        Assert.Equal("invalid_grant", right["error"]);
    }

    [Fact]
    public async Task A_code_is_good_for_a_minute()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var code = await client.CodeAsync();

        plane.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("invalid_grant", (await client.RedeemAsync(code))["error"]);
    }

    [Fact]
    public async Task A_code_of_one_app_is_none_for_another_and_stays_good()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var other = await Client.AddAppAsync(plane, client.Person, AppKind.Service, client.Redirect);
        var code = await client.CodeAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Content = Form(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.Redirect), ("code_verifier", Client.Verifier), ("client_id", other.App.Id), ("client_secret", other.Secret!)),
        };
        var injected = await Client.SendAsync(plane, request);

        Assert.Equal("invalid_grant", injected["error"]);
        Assert.Equal(200, (await client.RedeemAsync(code)).Status);
    }

    [Fact]
    public async Task An_app_shows_who_it_is_in_one_way_and_truly()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        async Task<(int, string)> TryAsync(string? basic, params (string, string)[] fields)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = Form([("grant_type", "client_credentials"), .. fields]) };
            if (basic is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic))); }
            var answer = await Client.SendAsync(plane, request);
            return (answer.Status, answer.Has("error") ? answer["error"] : "");
        }
        var (id, secret) = (client.App.Id, client.Secret!);

        Assert.Equal((200, ""), await TryAsync(id + ":" + secret));
        Assert.Equal((200, ""), await TryAsync(null, ("client_id", id), ("client_secret", secret)));
        Assert.Equal((401, "invalid_client"), await TryAsync(id + ":wrong"));
        Assert.Equal((401, "invalid_client"), await TryAsync(id + ":"));
        Assert.Equal((401, "invalid_client"), await TryAsync("app_unknown:" + secret));
        Assert.Equal((401, "invalid_client"), await TryAsync(null, ("client_id", id)));
        Assert.Equal((401, "invalid_client"), await TryAsync(null));
        Assert.Equal((401, "invalid_client"), await TryAsync("no colon"));
        Assert.Equal((400, "invalid_request"), await TryAsync(id + ":" + secret, ("client_secret", secret)));
        Assert.Equal((400, "invalid_request"), await TryAsync(null, ("client_id", id), ("client_id", id), ("client_secret", secret)));
        Assert.Equal((401, "invalid_client"), await TryAsync(null, ("client_id", id), ("client_secret", new string('x', 100_000))));
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData("networks:read", 200)]
    [InlineData("openid", 400)]
    [InlineData("email", 400)]
    [InlineData("nodes:write", 400)]
    [InlineData("", 200)]
    public async Task A_service_app_acts_for_itself_within_its_scopes(string? scope, int status)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var answer = await client.AskAsync("/oauth/token", ("grant_type", "client_credentials"), ("scope", scope));

        Assert.Equal(status, answer.Status);
        Assert.False(answer.Has("refresh_token"));
        if (status == 200) { Assert.Equal("networks:read", answer["scope"]); }
        else { Assert.Equal("invalid_scope", answer["error"]); }
    }

    [Theory]
    [InlineData(AppKind.CloudToCloud, "https://app.example/callback")]
    [InlineData(AppKind.SinglePage, "https://app.example/callback")]
    [InlineData(AppKind.Native, "com.example.app:/callback")]
    public async Task Other_apps_do_not_act_for_themselves(AppKind kind, string redirect)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, kind, redirect);

        var answer = await client.AskAsync("/oauth/token", ("grant_type", "client_credentials"), ("scope", "networks:read"));

        Assert.Equal("unauthorized_client", answer["error"]);
    }

    [Fact]
    public async Task A_linked_cloud_gets_two_scopes_and_may_come_back_but_has_no_id_token()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.CloudToCloud);

        var more = await client.Browser.GetAsync(client.Link(("scope", "networks:read networks:write")));
        var tokens = await client.RedeemAsync(await client.CodeAsync());

        Assert.Equal("invalid_scope", more["error"]);
        Assert.Equal("networks:read resources:use", tokens["scope"]);
        Assert.True(tokens.Has("refresh_token"));
        Assert.False(tokens.Has("id_token"));
    }

    [Theory]
    [InlineData("networks:write")]
    [InlineData("nodes:read")]
    [InlineData("nodes:write")]
    [InlineData("usage:read")]
    [InlineData("installs:read")]
    [InlineData("webhooks")]
    public async Task A_service_has_for_itself_what_it_may_ask_no_person_for(string scope)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, scopes: ["openid", "networks:read", scope]);

        var asked = await client.Browser.GetAsync(client.Link(("scope", "networks:read " + scope)));
        var own = await client.AskAsync("/oauth/token", ("grant_type", "client_credentials"), ("scope", scope));
        var given = await client.RedeemAsync(await client.CodeAsync(("scope", "openid networks:read")));

        Assert.Equal("invalid_scope", asked["error"]);
        Assert.Equal((scope, "networks:read openid"), (own["scope"], string.Join(' ', given["scope"].Split(' ').Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task What_an_app_may_no_longer_have_it_does_not_get_again()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.SinglePage);
        var tokens = await client.RedeemAsync(await client.CodeAsync());
        using var changed = await plane.SendAsync("PUT", "/v1/apps/" + client.App.Id, client.Person.Token, new AppChange("x", [client.Redirect], ["openid", "offline_access"]), ("If-Match", "*"));

        var refreshed = await client.RefreshAsync(tokens["refresh_token"]);

        Assert.Equal("openid offline_access", string.Join(' ', refreshed["scope"].Split(' ').OrderDescending(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Without_offline_access_there_is_no_refresh_token()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.SinglePage);

        Assert.False((await client.RedeemAsync(await client.CodeAsync(("scope", "openid")))).Has("refresh_token"));
    }

    [Fact]
    public async Task A_refresh_token_opens_nothing_and_is_good_for_its_app_alone()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var other = await Client.AddAppAsync(plane, client.Person, AppKind.Service, client.Redirect);
        var refresh = (await client.RedeemAsync(await client.CodeAsync()))["refresh_token"];

        using var userinfo = await plane.SendAsync("GET", "/oauth/userinfo", refresh);
        using var api = await plane.SendAsync("GET", "/v1/me", refresh);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Content = Form(("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", other.App.Id), ("client_secret", other.Secret!)),
        };
        var stolen = await Client.SendAsync(plane, request);

        Assert.Equal((401, 401, "invalid_grant"), ((int)userinfo.StatusCode, (int)api.StatusCode, stolen["error"]));
        Assert.Equal(200, (await client.RefreshAsync(refresh)).Status);
    }

    [Fact]
    public async Task Taking_back_is_for_the_app_that_has_the_token_and_says_nothing_to_others()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var other = await Client.AddAppAsync(plane, client.Person, AppKind.Service, client.Redirect);
        var tokens = await client.RedeemAsync(await client.CodeAsync());

        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/oauth/revoke") { Content = Form(("token", tokens["refresh_token"]), ("client_id", other.App.Id), ("client_secret", other.Secret!)) };
        var refused = await Client.SendAsync(plane, foreign);
        using var look = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect") { Content = Form(("token", tokens["access_token"]), ("client_id", other.App.Id), ("client_secret", other.Secret!)) };
        var seen = await Client.SendAsync(plane, look);
        var activeBefore = await client.IsActiveAsync(tokens["access_token"]);
        var revoked = await client.AskAsync("/oauth/revoke", ("token", tokens["refresh_token"]));
        var unknown = await client.AskAsync("/oauth/revoke", ("token", "made up"));

        Assert.Equal((200, 200, 200), (refused.Status, revoked.Status, unknown.Status));
        Assert.Equal("""{"active":false}""", seen.Json.GetRawText());
        Assert.True(activeBefore);
        Assert.False(await client.IsActiveAsync(tokens["access_token"])); // with the refresh token goes the access token
    }

    [Fact]
    public async Task Only_pages_of_registered_single_page_apps_read_answers()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.SinglePage, "https://spa.example:8443/callback");
        async Task<string?> AllowedAsync(HttpMethod method, string path, string origin)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Origin", origin);
            using var response = await plane.Http.SendAsync(request);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }

        foreach (var path in new[] { "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/oauth/jwks", "/.well-known/openid-configuration" })
        {
            Assert.Equal("https://spa.example:8443", await AllowedAsync(HttpMethod.Options, path, "https://spa.example:8443"));
            Assert.Null(await AllowedAsync(HttpMethod.Options, path, "https://spa.example"));
            Assert.Null(await AllowedAsync(HttpMethod.Options, path, "https://evil.example"));
            Assert.Null(await AllowedAsync(HttpMethod.Options, path, "null"));
        }
        foreach (var path in new[] { "/oauth/introspect", "/oauth/authorize", "/sign-in" }) { Assert.Null(await AllowedAsync(HttpMethod.Options, path, "https://spa.example:8443")); }
    }

    [Fact]
    public async Task The_issuer_is_what_the_settings_say_as_browsers_write_it_and_no_header_changes_it()
    {
        await using var plane = await StartAsync(settings => settings with { PublicUrl = "https://Control.Example:443" });

        using var response = await plane.SendAsync("GET", "/.well-known/openid-configuration", null, null, ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("\"issuer\":\"https://control.example\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", text, StringComparison.Ordinal);
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
