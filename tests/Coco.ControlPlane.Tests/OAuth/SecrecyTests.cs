using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>What is secret is neither in the log nor, readable, in the database.</summary>
public abstract class SecrecyTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task No_line_of_the_log_and_nothing_in_the_database_holds_a_secret()
    {
        await using var plane = await StartAsync();
        var secrets = await LiveAsync(plane);
        secrets.RemoveAll(string.IsNullOrEmpty);
        var stored = new List<string>(await RowsAsync(plane.Database));
        var folder = plane.Settings.DataDirectory;
        if (plane.Database.Kind is DatabaseKind.Sqlite) { stored.AddRange(Directory.EnumerateFiles(folder, "control.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(ReadShared)); }

        Assert.True(secrets.Count > 25 && stored.Sum(file => file.Length) > 10_000);
        Assert.Contains(stored, text => text.Contains("countess@", StringComparison.Ordinal)); // it does look where things are
        foreach (var secret in secrets)
        {
            Assert.All(plane.Log.Lines, line => Assert.DoesNotContain(secret, line, StringComparison.OrdinalIgnoreCase));
            if (!secret.Contains('@', StringComparison.Ordinal)) { Assert.All(stored, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)); }
        }
        Assert.Contains(plane.Log.Lines, line => line.Contains("signed in", StringComparison.Ordinal)); // it does log
    }

    // All that people and apps do, well and wrong.
    private static async Task<List<string>> LiveAsync(TestPlane plane)
    {
        var first = await LiveWithPasskeysAsync(plane);
        using var client = await Client.StartAsync(plane);
        var secrets = new List<string>(first) { Client.Email, Client.Password, client.Secret!, client.Person.Token, Client.Verifier };
        foreach (System.Net.Cookie cookie in client.Browser.Cookies.GetCookies(plane.Http.BaseAddress!)) { secrets.Add(cookie.Value); }

        var code = await client.CodeAsync();
        var tokens = await client.RedeemAsync(code);
        var refreshed = await client.RefreshAsync(tokens["refresh_token"]);
        await client.RefreshAsync(tokens["refresh_token"]);
        await client.RedeemAsync(code);
        await client.RedeemAsync("a-code-that-is-none-of-ours");
        await client.IsActiveAsync(refreshed["access_token"]);
        secrets.AddRange([code, tokens["access_token"], tokens["refresh_token"], tokens["id_token"], refreshed["access_token"], refreshed["refresh_token"], "a-code-that-is-none-of-ours"]);

        var own = await client.AskAsync("/oauth/token", ("grant_type", "client_credentials"), ("scope", "networks:read"));
        await client.AskAsync("/oauth/revoke", ("token", own["access_token"]));
        secrets.Add(own["access_token"]);

        using var wrong = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials("eve@example.org", "a password of eve"));
        using var reset = await plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(Client.Email));
        var resetCode = await plane.Mails.NextCodeAsync();
        using var completed = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(resetCode, "an analytical engine"));
        var session = await plane.SendAsync<SessionToken>("POST", "/v1/sessions", body: new Credentials(Client.Email, "an analytical engine"));
        secrets.AddRange(["eve@example.org", "a password of eve", resetCode, "an analytical engine", session.Token]);

        var rotated = await plane.SendAsync<AppCreated>("POST", $"/v1/apps/{client.App.Id}/secret", session.Token, new SecretRotation(), ("Idempotency-Key", "once"));
        using var email = await plane.SendAsync("POST", "/v1/me/email", session.Token, new Credentials("countess@example.org", "an analytical engine"));
        Assert.Equal("Your password was changed", (await plane.Mails.NextAsync()).Subject);
        var emailCode = await plane.Mails.NextCodeAsync();
        using var confirmed = await plane.SendAsync("POST", "/v1/accounts/confirm-email", body: new EmailConfirmation(emailCode));
        using var malformed = new StringContent("{\"email\":\"mallory@example.org\",\"password\":{", Encoding.UTF8, "application/json");
        using var answered = await plane.Http.PostAsync(new Uri("/v1/sessions", UriKind.Relative), malformed);
        using var unknown = await plane.SendAsync("GET", "/v1/me", "coco_st_of-somebody-else");
        secrets.AddRange([rotated.Secret!, "countess@example.org", emailCode, "mallory@example.org", "coco_st_of-somebody-else"]);
        secrets.AddRange(await LiveWithAppsAsync(plane));
        return secrets;
    }

    // What apps and operators have: tokens of each kind that the first part has none of, what is mailed to nobody, and what signs.
    private static async Task<List<string>> LiveWithAppsAsync(TestPlane plane)
    {
        var (account, _) = await plane.CreateAccountAsync();
        var now = plane.Time.GetUtcNow();
        var (app, token) = await plane.CreateAppAsync(account, "service", [.. Networks.Developer.Scopes]);
        await plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE apps SET scopes = {"nodes:read"} WHERE id = {app}"), default);
        using var http = new HttpClient { BaseAddress = plane.Http.BaseAddress };
        var client = new ControlPlane.Client.ControlPlaneClient(http, _ => new(token));
        using var key = Crypto.IdentityKey.Generate();
        using var fleet = await ControlPlane.Client.NetworkAuthority.CreateAsync(client, key, new() { Name = "fleet" });
        var external = await plane.SendAsync<ExternalToken>("POST", "/v1/external-tokens", token, new ExternalTokenRequest("user-7", fleet.Network.ToString(), now.AddHours(1), ["nodes:read"]));
        using var used = await plane.SendAsync("GET", $"/v1/networks/{fleet.Network}/nodes", external.Token);
        Assert.Equal(200, (int)used.StatusCode);
        var challenge = await client.CreateChallengeAsync();
        var link = await fleet.InviteAsync();
        var operating = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Operator, null, null, null, [], now, now.AddHours(1)));
        using var operated = await plane.SendAsync("PUT", $"/v1/networks/{fleet.Network}/plan", operating, new ControlPlane.Client.Contracts.Usage.PlanRequest("free"));
        using var foreign = await plane.SendAsync("GET", "/v1/networks", external.Token + "x");
        return [token, external.Token, challenge.Challenge, link.ToText().Split('#')[1], fleet.RecoveryKey!, operating];
    }

    private static async Task<List<string>> LiveWithPasskeysAsync(TestPlane plane)
    {
        var session = await plane.RegisterAsync("grace@example.org", "a nanosecond of wire");
        using var key = new Passkeys.Authenticator(plane.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), isEd25519: false);
        var options = await plane.SendAsync<PasskeyCreation>("POST", "/v1/me/passkeys/prepare", session.Token, new PasskeyPreparation("a nanosecond of wire"));
        using var added = await plane.SendAsync("POST", "/v1/me/passkeys", session.Token, key.Make(options));
        Assert.Equal("A passkey was added", (await plane.Mails.NextAsync()).Subject);
        var challenge = await plane.SendAsync<PasskeyChallenge>("POST", "/v1/sessions/passkey/prepare");
        var signedIn = await plane.SendAsync<SessionToken>("POST", "/v1/sessions/passkey", body: key.Sign(challenge));
        return [session.Token, options.Challenge, challenge.Challenge, signedIn.Token];
    }

    // Each table as a text: what is bytes there as those bytes, as a file would have them, and as the digits and characters that bytes are written in.
    private static async Task<IReadOnlyList<string>> RowsAsync(Database database)
    {
        var tables = new List<string>();
        foreach (var table in Migrations.Tables) { tables.Add(await database.ReadAsync(session => TextOfAsync(session, table), default)); }
        return tables;
    }

    private static async Task<string> TextOfAsync(Session session, string table)
    {
        await using var command = session.Connection.CreateCommand();
        command.CommandText = "SELECT * FROM " + table;
        await using var reader = await command.ExecuteReaderAsync();
        var (text, row) = (new StringBuilder(), new object[reader.FieldCount]);
        while (await reader.ReadAsync())
        {
            reader.GetValues(row);
            text.AppendJoin('\t', row.Select(TextOf)).Append('\n');
        }
        return text.ToString();
    }

    private static string TextOf(object value) => value is byte[] bytes
        ? $"{Encoding.Latin1.GetString(bytes)} {Convert.ToHexStringLower(bytes)} {System.Buffers.Text.Base64Url.EncodeToString(bytes)}"
        : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!;

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
