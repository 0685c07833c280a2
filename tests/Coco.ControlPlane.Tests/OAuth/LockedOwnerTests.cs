using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>Apps of somebody whom the operator has locked out, on either engine.</summary>
public abstract class LockedOwnerTests(PostgreSqlServer? server) : PlaneTests(server)
{
    [Fact]
    public async Task They_do_nothing_while_it_lasts_neither_for_themselves_nor_for_others()
    {
        using var person = await Client.StartAsync(Plane);
        var (owner, token) = await Plane.CreateAccountAsync();
        var made = await Plane.SendAsync<AppCreated>("POST", "/v1/apps", token, new AppDefinition("Theirs", AppKind.Service, [person.Redirect], Client.DefaultScopes(AppKind.Service)));
        var own = (await AskAsync())["access_token"];
        var code = (await person.AgreeAsync(("client_id", made.App.Id)))["code"]!;
        var tokens = await RedeemAsync(code);
        Assert.Equal((200, 200), (await UseAsync(own), await UseAsync(tokens["access_token"])));
        var waiting = (await person.AgreeAsync(("client_id", made.App.Id)))["code"]!;

        Assert.Equal(EntryPoint.Done, await RunAsync("lock", owner));

        Assert.Equal((401, 401), (await UseAsync(own), await UseAsync(tokens["access_token"])));
        Assert.Equal("invalid_client", (await AskAsync())["error"]);
        Assert.Equal("invalid_client", (await RedeemAsync(waiting))["error"]);
        Assert.Equal("invalid_client", (await SendAsync(("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"])))["error"]);
        Assert.Null((await person.Browser.GetAsync(person.Link(("client_id", made.App.Id)))).Location);
        Assert.Equal(200, (await person.AskAsync("/oauth/token", ("grant_type", "client_credentials"))).Status); // another's app

        Assert.Equal(EntryPoint.Done, await RunAsync("unlock", owner));
        Assert.Equal(200, await UseAsync((await AskAsync())["access_token"]));

        Task<Answered> AskAsync() => SendAsync(("grant_type", "client_credentials"));

        Task<Answered> RedeemAsync(string got) => SendAsync(("grant_type", "authorization_code"), ("code", got), ("redirect_uri", person.Redirect), ("code_verifier", Client.Verifier));

        async Task<Answered> SendAsync(params (string Name, string Value)[] fields)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token");
            request.Content = new FormUrlEncodedContent(
                fields.Append(("client_id", made.App.Id)).Append(("client_secret", made.Secret!)).Select(static field => KeyValuePair.Create(field.Item1, field.Item2)));
            return await Client.SendAsync(Plane, request);
        }
    }

    private async Task<int> UseAsync(string token)
    {
        using var answer = await Plane.SendAsync("GET", "/v1/networks", token);
        return (int)answer.StatusCode;
    }

    private Task<int> RunAsync(string change, string account) => EntryPoint.RunAsync(
        ["accounts", change, account, "--DataDirectory", Plane.Settings.DataDirectory, "--Database", Plane.Settings.DatabaseLocation], TextWriter.Null, TextWriter.Null);
}
