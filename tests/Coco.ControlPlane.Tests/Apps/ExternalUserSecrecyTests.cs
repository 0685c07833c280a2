using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.Apps;

/// <summary>What is written down of a developer's own users, on either engine.</summary>
public abstract class ExternalUserSecrecyTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private const string User = "ada@example.org";


    [Fact]
    public async Task A_name_that_a_developer_gave_is_in_no_log_and_in_no_table_of_who_did_what()
    {
        var (one, other) = (await UseAsync(), await UseAsync());

        Assert.DoesNotContain(Plane.Log.Lines, static line => line.Contains(User, StringComparison.Ordinal));
        Assert.Equal(2, one.Distinct().Count()); // the app itself, and the user each time by the same
        Assert.DoesNotContain(one.Concat(other), static name => name.Contains(User, StringComparison.Ordinal));
        Assert.Empty(one.Intersect(other)); // of another app it is somebody else
    }

    // The callers in the tables of one more developer whose user does something twice.
    private async Task<List<string>> UseAsync()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();
        var made = await fleet.CertifyAsync(Developer.Information(fleet.Network, "van"), new() { ExternalUserId = User });
        var token = await Plane.SendAsync<ExternalToken>(
            "POST", "/v1/external-tokens", await RegisteredAsync(developer), new ExternalTokenRequest(User, fleet.Network.ToString(), Plane.Time.GetUtcNow().AddHours(1), ["nodes:read", "nodes:write"]));
        var path = $"/v1/networks/{fleet.Network}/nodes";
        Assert.Single((await Plane.SendAsync<Page<NodeView>>("GET", path, token.Token)).Items);
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new CreateNodeRequest(made.Node.Certificate), options: ApiJson.Options) };
            request.Headers.Authorization = new("Bearer", token.Token);
            request.Headers.Add("Idempotency-Key", $"key{i}");
            using var answer = await Plane.Http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode);
        }
        return await Plane.Database.ReadAsync(
            session => session.QueryAsync(
                $"SELECT caller FROM audit_events WHERE caller LIKE {"app:" + developer.App + "%"} UNION ALL SELECT caller FROM idempotency_keys WHERE caller LIKE {"app:" + developer.App + "%"}", static row => row.Text("caller")),
            default);
    }

    // The row that the developer was made by has no scopes.
    private async Task<string> RegisteredAsync(Developer developer)
    {
        await Plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE apps SET scopes = {"nodes:read nodes:write"} WHERE id = {developer.App}"), default);
        return developer.Token;
    }
}
