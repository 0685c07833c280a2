using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.OAuth;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>What OAuth stands on, on either engine.</summary>
public abstract class OAuthTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task A_person_lets_an_app_in_once_and_the_app_gets_tokens()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);

        var asked = await client.Browser.FollowAsync(client.Link());
        var agreed = await client.Browser.SendAsync(asked, ("decision", "allow"));
        var tokens = await client.RedeemAsync(agreed["code"]!);
        var again = await client.Browser.FollowAsync(client.Link());

        Assert.Contains("Thermostats &amp; &lt;Co&gt;", asked.Text, StringComparison.Ordinal);
        Assert.Equal(("a state", plane.Http.BaseAddress!.ToString().TrimEnd('/')), (agreed["state"], agreed["iss"]));
        Assert.StartsWith(client.Redirect + "?", agreed.Location, StringComparison.Ordinal);
        Assert.Equal((200, "Bearer", "openid email networks:read offline_access"), (tokens.Status, tokens["token_type"], tokens["scope"]));
        Assert.NotNull(again["code"]); // what was agreed is remembered
        var me = await plane.SendAsync("GET", "/v1/me", tokens["access_token"]);
        Assert.Equal(403, (int)me.StatusCode); // no scope for that
    }

    [Fact]
    public async Task An_id_token_says_who_for_whom_when_and_with_what()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var signedIn = plane.Time.GetUtcNow();
        plane.Time.Advance(TimeSpan.FromMinutes(5));

        var tokens = await client.RedeemAsync(await client.CodeAsync());
        var claims = await VerifyAsync(plane, tokens["id_token"]);

        Assert.Equal((client.App.Id, "a nonce", Client.Email), (claims.GetProperty("aud").GetString(), claims.GetProperty("nonce").GetString(), claims.GetProperty("email").GetString()));
        Assert.Equal(signedIn.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(tokens["access_token"]));
        Assert.Equal(Base64Url.EncodeToString(hash.AsSpan(0, 16)), claims.GetProperty("at_hash").GetString());
        Assert.NotEqual(client.Person.Account, claims.GetProperty("sub").GetString());
    }

    [Fact]
    public async Task A_code_that_comes_twice_takes_back_what_the_first_got()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var code = await client.CodeAsync();

        var first = await client.RedeemAsync(code);
        var second = await client.RedeemAsync(code);

        Assert.Equal((200, 400, "invalid_grant"), (first.Status, second.Status, second["error"]));
        Assert.False(await client.IsActiveAsync(first["access_token"]));
        Assert.Equal("invalid_grant", (await client.RefreshAsync(first["refresh_token"]))["error"]);
    }

    [Fact]
    public async Task A_code_redeemed_at_once_by_many_gives_tokens_to_one_at_most()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var code = await client.CodeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.RedeemAsync(code)));

        Assert.Single(answers, answer => answer.Status == 200);
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_and_its_reuse_ends_the_family()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane, AppKind.SinglePage);
        var first = await client.RedeemAsync(await client.CodeAsync());

        var second = await client.RefreshAsync(first["refresh_token"]);
        var third = await client.RefreshAsync(second["refresh_token"], "networks:read");
        var stolen = await client.RefreshAsync(first["refresh_token"]);
        var after = await client.RefreshAsync(third["refresh_token"]);
        using var userinfo = await plane.SendAsync("GET", "/oauth/userinfo", second["access_token"]);

        Assert.Equal((200, 200, 400, 400), (second.Status, third.Status, stolen.Status, after.Status));
        Assert.Equal("networks:read", third["scope"]);
        Assert.Equal(401, (int)userinfo.StatusCode);
    }

    [Fact]
    public async Task Keys_change_each_month_and_old_ones_are_shown_until_their_tokens_are_over()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var first = (await client.RedeemAsync(await client.CodeAsync()))["id_token"];

        plane.Time.Advance(SigningKeys.Term + TimeSpan.FromMinutes(1));
        await client.Browser.SignInAsync(Client.Email, Client.Password);
        var second = (await client.RedeemAsync(await client.CodeAsync()))["id_token"];
        await VerifyAsync(plane, first);
        await VerifyAsync(plane, second);
        plane.Time.Advance(TimeSpan.FromDays(2));

        Assert.NotEqual(HeaderOf(first).GetProperty("kid").GetString(), HeaderOf(second).GetProperty("kid").GetString());
        await Assert.ThrowsAsync<InvalidOperationException>(() => VerifyAsync(plane, first));
        await VerifyAsync(plane, second);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_operator_changes_the_key_at_once(bool keeps)
    {
        await using var plane = await StartAsync();
        plane.Time.SetToNow(); // the program on the command line goes by that
        using var client = await Client.StartAsync(plane);
        var first = (await client.RedeemAsync(await client.CodeAsync()))["id_token"];

        using var output = new StringWriter();
        string[] words = keeps ? ["keys", "rotate", "keep"] : ["keys", "rotate"];
        string[] settings = ["--DataDirectory", plane.Settings.DataDirectory, "--Database", plane.Settings.DatabaseLocation];
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync([.. words, .. settings], output, TextWriter.Null));
        var second = (await client.RedeemAsync(await client.CodeAsync()))["id_token"];
        using var listed = new StringWriter();
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["keys", "list", .. settings], listed, TextWriter.Null));

        Assert.Equal(output.ToString().Trim(), HeaderOf(second).GetProperty("kid").GetString());
        await VerifyAsync(plane, second);
        Assert.StartsWith(output.ToString().Trim(), listed.ToString(), StringComparison.Ordinal);
        Assert.Equal(keeps ? 2 : 1, listed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        if (keeps) { await VerifyAsync(plane, first); }
        else { await Assert.ThrowsAsync<InvalidOperationException>(() => VerifyAsync(plane, first)); }
    }

    [Fact]
    public async Task A_new_password_takes_the_app_s_access()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var tokens = await client.RedeemAsync(await client.CodeAsync());

        using var changed = await plane.SendAsync("PUT", "/v1/me/password", client.Person.Token, new PasswordChange(Client.Password, "an analytical engine"));

        Assert.False(await client.IsActiveAsync(tokens["access_token"]));
        Assert.Equal("invalid_grant", (await client.RefreshAsync(tokens["refresh_token"]))["error"]);
    }

    [Theory]
    [InlineData("client_id=a%00b&grant_type=client_credentials")]
    [InlineData("client_id=%27%20OR%201%3D1&client_secret=x&grant_type=client_credentials")]
    [InlineData("client_id=%ff%fe&grant_type=client_credentials")]
    [InlineData("%00=%00")]
    public async Task Names_that_are_none_find_no_app(string form)
    {
        await using var plane = await StartAsync();
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");

        using var token = await plane.Http.PostAsync(new Uri("/oauth/token", UriKind.Relative), content);
        using var page = await plane.SendAsync("GET", "/oauth/authorize?" + form);

        Assert.Contains((int)token.StatusCode, new[] { 400, 401 });
        Assert.Equal(400, (int)page.StatusCode);
    }

    private static JsonElement HeaderOf(string token) => JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[0]));

    private static Task<JsonElement> VerifyAsync(TestPlane plane, string token) => VerifyAsync(plane.Http, token);

    /// <summary>Verifies an ID token by the keys that an instance shows.</summary>
    protected static async Task<JsonElement> VerifyAsync(HttpClient http, string token)
    {
        var parts = token.Split('.');
        using var set = JsonDocument.Parse(await http.GetStringAsync("/oauth/jwks"));
        var kid = HeaderOf(token).GetProperty("kid").GetString();
        var jwk = set.RootElement.GetProperty("keys").EnumerateArray().First(key => key.GetProperty("kid").GetString() == kid);
        byte[] Read(string name) => Base64Url.DecodeFromChars(jwk.GetProperty(name).GetString());
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Read("x"), Y = Read("y") } });
        Assert.False(jwk.TryGetProperty("d", out _));
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        return JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(parts[1]));
    }
}
