namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlOAuthTests(PostgreSqlServer server) : OAuthTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }

    [Fact]
    public async Task What_one_instance_issued_another_accepts_goes_on_with_and_takes_back()
    {
        await using var plane = await StartAsync();
        using var client = await Client.StartAsync(plane);
        var tokens = await client.RedeemAsync(await client.CodeAsync());
        await using var second = await plane.StartSecondAsync();
        using var there = new HttpClient { BaseAddress = second.Addresses[0] };

        await VerifyAsync(there, tokens["id_token"]); // ES256, by the key that the other made
        Assert.Equal(200, await ListAsync(tokens["access_token"]));
        var refreshed = await AskAsync("/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]));
        await VerifyAsync(plane.Http, refreshed.GetProperty("id_token").GetString()!);
        Assert.True(await client.IsActiveAsync(refreshed.GetProperty("access_token").GetString()!));
        // The old one again, at the other instance: what goes back to it is over everywhere.
        Assert.Equal("invalid_grant", (await client.RefreshAsync(tokens["refresh_token"]))["error"]);
        Assert.Equal(401, await ListAsync(refreshed.GetProperty("access_token").GetString()!));

        async Task<int> ListAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/networks") { Headers = { Authorization = new("Bearer", token) } };
            using var answer = await there.SendAsync(request);
            return (int)answer.StatusCode;
        }

        async Task<System.Text.Json.JsonElement> AskAsync(string path, params (string Name, string Value)[] fields)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{client.App.Id}:{client.Secret}")));
            using var answer = await there.SendAsync(request);
            return System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await answer.Content.ReadAsStringAsync());
        }
    }
}
