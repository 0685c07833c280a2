using System.Net;
using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Tests.Accounts;

/// <summary>Tokens of who runs the control plane, on either engine.</summary>
public abstract class OperatorTokenTests(PostgreSqlServer? server) : PlaneTests(server)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Plane.Time.SetToNow(); // the program on the command line goes by that
    }

    [Fact]
    public async Task They_are_listed_and_taken_back_at_once_and_what_was_done_is_on_record()
    {
        var (_, one) = await RunAsync("operator-token", "365");
        var (_, other) = await RunAsync("operator-token");
        var (_, _) = await Plane.CreateAccountAsync(); // whose token is no operator's
        var (listed, text) = await RunAsync("operator-tokens", "list");
        var names = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]).ToList();
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (await UseAsync(one), await UseAsync(other))); // an operator may, and there is no such network

        var (revoked, _) = await RunAsync("operator-tokens", "revoke", names[0]);
        var (again, _) = await RunAsync("operator-tokens", "revoke", names[0]);
        var statuses = new[] { await UseAsync(one), await UseAsync(other) };
        var (all, _) = await RunAsync("operator-tokens", "revoke", "all");

        Assert.Equal((0, 2, 0, 1, 0), (listed, names.Count, revoked, again, all));
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.Unauthorized], statuses.OrderDescending());
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await UseAsync(one), await UseAsync(other)));
        Assert.Equal("", (await RunAsync("operator-tokens", "list")).Output);
        string[] expected = [.. names.Select(static name => "operator-token " + name), .. names.Select(static name => "operator-tokens revoke " + name)];
        var recorded = await Plane.Database.ReadAsync(
            static session => session.QueryAsync($"SELECT operation, subject FROM audit_events", static row => row.Text("operation") + " " + row.Text("subject")), default);
        Assert.Equal(expected.Order(StringComparer.Ordinal), recorded.Order(StringComparer.Ordinal));
    }

    private async Task<HttpStatusCode> UseAsync(string token)
    {
        using var answer = await Plane.SendAsync("PUT", "/v1/networks/none/plan", token.Trim(), new Client.Contracts.Usage.PlanRequest("free"));
        return answer.StatusCode;
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await EntryPoint.RunAsync([.. arguments, "--DataDirectory", Plane.Settings.DataDirectory, "--Database", Plane.Settings.DatabaseLocation], output, TextWriter.Null);
        return (code, output.ToString());
    }
}
