using System.Net;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Tests.Apps;

/// <summary>What goes with an app, and with the person who registered it, on either engine.</summary>
public abstract class AppDeletionTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private const string Password = "a difference engine";


    [Fact]
    public async Task An_app_goes_with_its_webhooks_and_with_what_these_were_still_to_be_told()
    {
        var (owner, token) = await Plane.CreateAccountAsync();
        var app = await AppWithHookAsync(owner);

        using var deleted = await Plane.SendAsync("DELETE", "/v1/apps/" + app, token);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task A_person_goes_with_apps_that_have_webhooks()
    {
        var session = await Plane.RegisterAsync("ada@example.org", Password);
        await AppWithHookAsync(session.Account);

        using var deleted = await Plane.SendAsync("POST", "/v1/me/delete", session.Token, new AccountDeletion(Password));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task An_operator_deletes_a_person_with_apps_that_have_webhooks()
    {
        var (owner, _) = await Plane.CreateAccountAsync();
        await AppWithHookAsync(owner);

        Assert.Equal((EntryPoint.Done, ""), await RunAsync("accounts", "delete", owner));
        Assert.False(await IsAnythingLeftAsync());
    }

    [Fact]
    public async Task A_database_that_refuses_a_command_of_the_operator_is_told_of()
    {
        await Plane.Database.WriteAsync(static session => session.ExecuteAsync($"ALTER TABLE accounts RENAME TO people"), default);

        var (code, wrong) = await RunAsync("accounts", "list");

        Assert.Equal(EntryPoint.Failed, code);
        Assert.StartsWith("coco-control: ", wrong, StringComparison.Ordinal);
        Assert.Contains("accounts", wrong, StringComparison.Ordinal);
    }

    private async Task<string> AppWithHookAsync(string owner)
    {
        var (app, _) = await Plane.CreateAppAsync(owner);
        var now = Plane.Time.GetUtcNow();
        await Plane.Database.WriteAsync(
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

    private Task<bool> IsAnythingLeftAsync() => Plane.Database.ReadAsync(
        static session => session.AnyAsync($"SELECT id FROM webhook_deliveries UNION ALL SELECT id FROM webhooks UNION ALL SELECT id FROM apps"), default);

    private async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var code = await EntryPoint.RunAsync([.. arguments, "--DataDirectory", Plane.Settings.DataDirectory, "--Database", Plane.Settings.DatabaseLocation], TextWriter.Null, error);
        return (code, error.ToString());
    }
}
