using System.Net;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Tests.Apps;

/// <summary>What goes with an app, and with the person who registered it, on either engine.</summary>
public abstract class AppDeletionTests(PostgreSqlServer? server) : IAsyncLifetime
{
    private const string Password = "a difference engine";

    private TestPlane _plane = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _plane = await TestPlane.StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null) { await _plane.DisposeAsync(); }
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_app_goes_with_its_webhooks_and_with_what_these_were_still_to_be_told()
    {
        var (owner, token) = await _plane.CreateAccountAsync();
        var app = await AppWithHookAsync(owner);

        using var deleted = await _plane.SendAsync("DELETE", "/v1/apps/" + app, token);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task A_person_goes_with_apps_that_have_webhooks()
    {
        var session = await _plane.RegisterAsync("ada@example.org", Password);
        await AppWithHookAsync(session.Account);

        using var deleted = await _plane.SendAsync("POST", "/v1/me/delete", session.Token, new AccountDeletion(Password));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task An_operator_deletes_a_person_with_apps_that_have_webhooks()
    {
        var (owner, _) = await _plane.CreateAccountAsync();
        await AppWithHookAsync(owner);

        Assert.Equal((EntryPoint.Done, ""), await RunAsync("accounts", "delete", owner));
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task A_database_that_refuses_a_command_of_the_operator_is_told_of()
    {
        await _plane.Database.WriteAsync(static session => session.ExecuteAsync($"ALTER TABLE accounts RENAME TO people"), default);

        var (code, wrong) = await RunAsync("accounts", "list");

        Assert.Equal(EntryPoint.Failed, code);
        Assert.StartsWith("coco-control: ", wrong, StringComparison.Ordinal);
        Assert.Contains("accounts", wrong, StringComparison.Ordinal);
    }

    private async Task<string> AppWithHookAsync(string owner)
    {
        var (app, _) = await _plane.CreateAppAsync(owner);
        var now = _plane.Time.GetUtcNow();
        await _plane.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    $"INSERT INTO webhooks (id, app, url, secret, events, state, created, version) VALUES ({"hook_1"}, {app}, {"https://example.org/"}, {new byte[32]}, {"node.created"}, {"active"}, {now}, 1)");
                await session.ExecuteAsync(
                    $"INSERT INTO webhook_deliveries (id, webhook, position, type, body, state, attempts, created, next) VALUES ({"evt_1"}, {"hook_1"}, 1, {"node.created"}, {"{}"}, {"pending"}, 0, {now}, {now.AddDays(1)})");
            },
            default);
        return app;
    }

    private Task<bool> IsAnythingLeftAsync() => _plane.Database.ReadAsync(
        static session => session.AnyAsync($"SELECT id FROM webhook_deliveries UNION ALL SELECT id FROM webhooks UNION ALL SELECT id FROM apps"), default);

    private async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var code = await EntryPoint.RunAsync([.. arguments, "--DataDirectory", _plane.Settings.DataDirectory, "--Database", _plane.Settings.DatabaseLocation], TextWriter.Null, error);
        return (code, error.ToString());
    }
}
