using System.Net;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Tests.Accounts;

/// <summary>What an operator does beside the running instance.</summary>
public sealed class AccountCommandTests
{
    private const string Password = "a difference engine";

    [Fact]
    public async Task An_operator_lists_locks_unlocks_and_deletes_people()
    {
        await using var plane = await TestPlane.StartAsync();
        var session = await plane.RegisterAsync("ada@example.org", Password);
        async Task<HttpStatusCode> SignInAsync()
        {
            using var response = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials("ada@example.org", Password));
            return response.StatusCode;
        }

        var (listed, text) = await RunAsync(plane, "accounts", "list");
        var (locked, _) = await RunAsync(plane, "accounts", "lock", "Ada@example.org");
        using var after = await plane.SendAsync("GET", "/v1/me", session.Token);
        var refused = await SignInAsync();
        var (unlocked, _) = await RunAsync(plane, "accounts", "unlock", session.Account);
        var accepted = await SignInAsync();
        var (deleted, _) = await RunAsync(plane, "accounts", "delete", session.Account);
        var (again, _) = await RunAsync(plane, "accounts", "delete", session.Account);

        Assert.Equal((0, 0, 0, 0, 1), (listed, locked, unlocked, deleted, again));
        Assert.Contains($"{session.Account} 2026-11-01 open ada@example.org", text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Created), (after.StatusCode, refused, accepted));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync());
    }

    [Fact]
    public async Task An_operator_s_token_is_for_the_operator()
    {
        await using var plane = await TestPlane.StartAsync();

        var (code, text) = await RunAsync(plane, "operator-token", "7");
        var token = await plane.Database.ReadAsync(session => TokenStore.FindAsync(session, text.Trim()), default);

        Assert.Equal((0, TokenKind.Operator, TimeSpan.FromDays(7)), (code, token!.Kind, token.Expires - token.Created));
    }

    [Fact]
    public async Task An_operator_adds_a_person_whose_programs_have_a_token()
    {
        await using var plane = await TestPlane.StartAsync();
        plane.Time.SetToNow(); // the program on the command line goes by that

        var (added, id) = await RunAsync(plane, "accounts", "add", "Ada@example.org");
        var (twice, _) = await RunAsync(plane, "accounts", "add", "ada@example.org");
        var (none, _) = await RunAsync(plane, "accounts", "add", "ada");
        var (code, text) = await RunAsync(plane, "account-token", "ada@example.org", "2");
        var me = await plane.SendAsync<AccountView>("GET", "/v1/me", text.Trim());
        using var wrong = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials("ada@example.org", ""));
        await RunAsync(plane, "accounts", "lock", id.Trim());
        using var locked = await plane.SendAsync("GET", "/v1/me", text.Trim());
        var (refused, nothing) = await RunAsync(plane, "account-token", "ada@example.org");

        Assert.Equal((0, 1, 1, 0, 1), (added, twice, none, code, refused));
        Assert.Equal((id.Trim(), "ada@example.org"), (me.Id, me.Email));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, ""), (wrong.StatusCode, locked.StatusCode, nothing)); // no password is none, not the empty one
    }

    [Theory]
    [InlineData("accounts")]
    [InlineData("accounts", "add")]
    [InlineData("account-token")]
    [InlineData("account-token", "ada@example.org", "366")]
    [InlineData("accounts", "lock")]
    [InlineData("accounts", "rename", "x")]
    [InlineData("operator-token", "0")]
    [InlineData("operator-token", "forever")]
    public async Task What_is_not_understood_does_nothing(params string[] arguments)
    {
        await using var plane = await TestPlane.StartAsync();

        Assert.Equal(EntryPoint.NotUnderstood, (await RunAsync(plane, arguments)).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(TestPlane plane, params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await EntryPoint.RunAsync([.. arguments, "--DataDirectory", plane.Settings.DataDirectory], output, TextWriter.Null);
        return (code, output.ToString());
    }
}
