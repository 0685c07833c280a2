using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>The authorization endpoint, and how it is attacked.</summary>
public abstract class AuthorizationTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Theory]
    [InlineData("client_id", "app_unknown")]
    [InlineData("client_id", "' OR '1'='1")]
    [InlineData("client_id", null)]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "https://app.example/callback/evil")]
    [InlineData("redirect_uri", "https://app.example/callback?x=1")]
    [InlineData("redirect_uri", "https://app.example/callback#x")]
    [InlineData("redirect_uri", "https://app.example.evil.example/callback")]
    [InlineData("redirect_uri", "https://app.example@evil.example/callback")]
    [InlineData("redirect_uri", "https://APP.example/callback")]
    [InlineData("redirect_uri", "//evil.example")]
    [InlineData("redirect_uri", "javascript:alert(1)")]
    [InlineData("redirect_uri", "https://app.example/callback\r\nSet-Cookie: x=y")]
    public async Task Nobody_is_sent_to_where_the_app_is_not_registered(string name, string? value)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var shown = await client.Browser.GetAsync(client.Link((name, value)));

        Assert.Equal((400, (string?)null), (shown.Status, shown.Location));
        Assert.Contains("frame-ancestors 'none'", shown.Policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("login")] // by the page where people sign in, too
    public async Task The_longest_request_that_is_taken_goes_all_the_way(string? prompt)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, redirect: "https://app.example/" + new string('a', 492));
        plane.Time.Advance(TimeSpan.FromSeconds(1)); // who is signed in was before
        var state = string.Concat(Enumerable.Repeat("\"\\", 512)); // what takes most in JSON
        var shown = await client.Browser.FollowAsync(client.Link(("state", state), ("nonce", state[..512]), ("prompt", prompt)));
        if (prompt is not null)
        {
            shown = await client.Browser.SendAsync(shown, ("email", Client.Email), ("password", Client.Password));
            shown = await client.Browser.FollowAsync(shown.Location!);
        }
        shown = await client.Browser.SendAsync(shown, ("decision", "allow"));

        Assert.NotNull(shown["code"]);
        Assert.Equal(state, shown["state"]);
    }

    [Fact]
    public async Task A_request_that_no_ticket_has_room_for_is_refused_at_once_and_not_half_way()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var shown = await client.Browser.PostAsync("/oauth/authorize", client.Parameters(("state", new string('\u0001', 1024))));

        Assert.StartsWith(client.Redirect + "?error=invalid_request", shown.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("scope", "openid account", "invalid_scope")]
    [InlineData("scope", "network:abc", "invalid_scope")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("request", "eyJ", "request_not_supported")]
    [InlineData("request_uri", "https://evil.example/", "request_uri_not_supported")]
    public async Task What_is_wrong_otherwise_the_app_is_told(string name, string? value, string error)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var shown = await client.Browser.GetAsync(client.Link((name, value)));

        Assert.StartsWith(client.Redirect + "?error=" + error, shown.Location, StringComparison.Ordinal);
        Assert.Equal(("a state", plane.Http.BaseAddress!.ToString().TrimEnd('/'), (string?)null), (shown["state"], shown["iss"], shown["code"]));
    }

    [Fact]
    public async Task A_parameter_that_comes_twice_is_refused()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var scope = await client.Browser.GetAsync(client.Link() + "&scope=email");
        var redirect = await client.Browser.GetAsync(client.Link() + "&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback");

        Assert.Equal("invalid_request", scope["error"]);
        Assert.Equal((400, (string?)null), (redirect.Status, redirect.Location));
    }

    [Fact]
    public async Task Without_a_sign_in_or_consent_prompt_none_says_so()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        using var stranger = new Browser(plane);

        var signedOut = await stranger.FollowAsync(client.Link(("prompt", "none")));
        var unasked = await client.Browser.FollowAsync(client.Link(("prompt", "none")));
        await client.CodeAsync();
        var agreed = await client.Browser.FollowAsync(client.Link(("prompt", "none")));

        Assert.Equal(("login_required", "consent_required"), (signedOut["error"], unasked["error"]));
        Assert.NotNull(agreed["code"]);
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "60")]
    [InlineData("max_age", "0")]
    public async Task Who_signed_in_too_long_ago_signs_in_again(string name, string value)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        await client.CodeAsync();
        plane.Time.Advance(TimeSpan.FromMinutes(5));

        var shown = await client.Browser.FollowAsync(client.Link((name, value)));
        var signedIn = await client.Browser.SendAsync(shown, ("email", Client.Email), ("password", Client.Password));
        var after = await client.Browser.FollowAsync(signedIn.Location!);

        Assert.Contains("name=\"password\"", shown.Text, StringComparison.Ordinal);
        Assert.NotNull(after["code"]);
    }

    [Fact]
    public async Task Prompt_consent_asks_again_and_a_person_may_say_no()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        await client.CodeAsync();

        var asked = await client.Browser.FollowAsync(client.Link(("prompt", "consent")));
        var denied = await client.Browser.SendAsync(asked, ("decision", "deny"));

        Assert.Contains("form-action 'self' https://app.example;", asked.Policy, StringComparison.Ordinal);
        Assert.Equal(("access_denied", (string?)null), (denied["error"], denied["code"]));
    }

    [Fact] // RFC 8252 §7.3, §8.6
    public async Task A_native_app_on_loopback_takes_any_port_and_asks_each_time()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.Native, "http://127.0.0.1/callback");

        var first = await client.AgreeAsync(("redirect_uri", "http://127.0.0.1:51004/callback"));
        var second = await client.Browser.FollowAsync(client.Link(("redirect_uri", "http://127.0.0.1:51005/callback")));
        var tokens = await client.RedeemAsync(first["code"]!, ("redirect_uri", "http://127.0.0.1:51004/callback"));

        Assert.StartsWith("http://127.0.0.1:51004/callback?code=", first.Location, StringComparison.Ordinal);
        Assert.Null(second.Location);
        Assert.Equal(200, tokens.Status);
    }

    [Fact]
    public async Task A_consent_that_another_site_posts_is_refused()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        using var other = new Browser(plane);
        var asked = await client.Browser.FollowAsync(client.Link());
        var ticket = asked.Text.Split("name=\"ticket\" value=\"")[1].Split('"')[0];
        var guard = asked.Text.Split("name=\"guard\" value=\"")[1].Split('"')[0];

        var without = await client.Browser.PostAsync("/oauth/consent", [("ticket", ticket), ("decision", "allow")]);
        var foreignOrigin = await client.Browser.PostAsync("/oauth/consent", [("ticket", ticket), ("guard", guard), ("decision", "allow")], ("Origin", "https://evil.example"));
        var crossSite = await client.Browser.PostAsync("/oauth/consent", [("ticket", ticket), ("guard", guard), ("decision", "allow")], ("Sec-Fetch-Site", "cross-site"));
        var otherBrowser = await other.PostAsync("/oauth/consent", [("ticket", ticket), ("guard", guard), ("decision", "allow")]);
        var otherTicket = await client.Browser.PostAsync("/oauth/consent", [("ticket", ticket + "A"), ("guard", guard), ("decision", "allow")]);

        Assert.All([without, foreignOrigin, crossSite, otherBrowser, otherTicket], shown => Assert.Equal((400, (string?)null), (shown.Status, shown.Location)));
        Assert.NotNull((await client.Browser.SendAsync(asked, ("decision", "allow")))["code"]);
    }

    [Fact]
    public async Task A_sign_in_that_another_site_posts_is_refused_and_a_planted_session_is_not_taken_over()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        using var victim = new Browser(plane);
        var forged = await victim.PostAsync("/sign-in", [("email", Client.Email), ("password", Client.Password)]);
        victim.Cookies.Add(plane.Http.BaseAddress!, new System.Net.Cookie("coco_session", client.Person.Token));

        await victim.SignInAsync(Client.Email, Client.Password);

        Assert.Equal((400, (string?)null), (forged.Status, forged.Location));
        var cookie = victim.Cookies.GetCookies(plane.Http.BaseAddress!)["coco_session"]!;
        Assert.NotEqual(client.Person.Token, cookie.Value);
        Assert.True(cookie.HttpOnly);
        using var planted = await plane.SendAsync("GET", "/v1/me", client.Person.Token);
        Assert.Equal(401, (int)planted.StatusCode); // what was planted ended with the sign-in
    }

    [Theory]
    [InlineData("/sign-in?ticket=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("/confirm?code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("/register?email=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    public async Task What_a_link_says_is_text_on_the_page(string path)
    {
        await using var plane = await StartAsync();
        using var browser = new Browser(plane);

        var shown = await browser.GetAsync(path);

        // The only one is the page's own, which is a file.
        var own = shown.Text.Split("<script src=\"/passkeys.js?v=", 2);
        Assert.All(own, static part => Assert.DoesNotContain("<script", part, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("unsafe", shown.Policy, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", shown.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_before_an_app_let_their_forms_lead_there_and_nowhere_else()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var ticket = (await client.Browser.GetAsync(client.Link())).Location!.Split("ticket=")[1];

        var consent = await client.Browser.GetAsync("/oauth/continue?ticket=" + ticket);
        var signIn = await client.Browser.GetAsync("/sign-in?ticket=" + ticket);
        var changed = await client.Browser.GetAsync("/sign-in?ticket=" + ticket[..^2]);

        Assert.All(new[] { consent, signIn }, static page => Assert.Contains("form-action 'self' https://app.example;", page.Policy, StringComparison.Ordinal));
        Assert.Contains("form-action 'self';", changed.Policy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/oauth/authorize")]
    public async Task A_ticket_that_is_none_leads_nowhere(string ticket)
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var page = await client.Browser.GetAsync("/sign-in?ticket=" + Uri.EscapeDataString(ticket));
        var signedIn = await client.Browser.SendAsync(page, ("email", Client.Email), ("password", Client.Password));
        var after = await client.Browser.GetAsync(signedIn.Location!);

        Assert.StartsWith("/oauth/continue?ticket=", signedIn.Location, StringComparison.Ordinal);
        Assert.Equal((400, (string?)null), (after.Status, after.Location));
    }
}
