using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>What people let apps do, and how they take it back, on either engine.</summary>
public abstract class ConsentTests(PostgreSqlServer? server) : PlaneTests(server)
{
    [Fact]
    public async Task Taking_one_back_ends_all_by_which_the_app_acts_for_the_person_and_nothing_else()
    {
        using var person = await Client.StartAsync(Plane);
        var ada = ClientOf(person.Person.Token);
        var other = await Client.AddAppAsync(Plane, person.Person, AppKind.Service, person.Redirect);
        var tokens = await person.RedeemAsync(await person.CodeAsync());
        var others = await RedeemAsync(person, other);
        var waiting = await person.CodeAsync();
        var own = (await person.AskAsync("/oauth/token", ("grant_type", "client_credentials")))["access_token"];

        var before = (await ada.ListConsentsAsync()).Items;
        await ada.DeleteConsentAsync(person.App.Id);

        Assert.Equal(new[] { person.App.Id, other.App.Id }.Order(StringComparer.Ordinal), before.Select(static one => one.App));
        Assert.All(before, one => Assert.Equal(
            ("Thermostats & <Co>", "email networks:read offline_access openid", Plane.Time.GetUtcNow()), (one.Name, string.Join(' ', one.Scopes), one.Given)));
        Assert.Equal(other.App.Id, Assert.Single((await ada.ListConsentsAsync()).Items).App);
        Assert.Equal((401, 200, 200), (await UseAsync(tokens["access_token"]), await UseAsync(others["access_token"]), await UseAsync(own)));
        Assert.False(await person.IsActiveAsync(tokens["access_token"]));
        Assert.False(await person.IsActiveAsync(tokens["refresh_token"]));
        Assert.Equal(("invalid_grant", "invalid_grant"), ((await person.RefreshAsync(tokens["refresh_token"]))["error"], (await person.RedeemAsync(waiting))["error"]));
        Assert.Equal("consent_required", (await person.Browser.FollowAsync(person.Link(("prompt", "none"))))["error"]);
        Assert.Equal([$"account:{person.Person.Account} deleteConsent app={person.App.Id}"], await ChangesAsync());

        var again = await Assert.ThrowsAsync<ControlPlaneException>(() => ada.DeleteConsentAsync(person.App.Id));
        Assert.Equal(ControlPlaneError.NotFound, again.Code);
        Assert.Equal(200, await UseAsync((await person.RedeemAsync(await person.CodeAsync()))["access_token"])); // who agrees again lets it in again
    }

    [Fact]
    public async Task Nobody_takes_back_what_another_has_given_and_no_app_what_somebody_gave_it()
    {
        using var person = await Client.StartAsync(Plane);
        var (_, token) = await Plane.CreateAccountAsync();
        var theirs = await Plane.SendAsync<AppCreated>("POST", "/v1/apps", token, new AppDefinition("Theirs", AppKind.Service, [person.Redirect], Client.DefaultScopes(AppKind.Service)));
        var tokens = await RedeemAsync(person, theirs);
        var own = (await AskAsync(theirs, ("grant_type", "client_credentials")))["access_token"];

        Assert.Equal((ControlPlaneError.NotFound, 0), (await RefusedAsync(token), (await ClientOf(token).ListConsentsAsync()).Items.Count)); // whose app it is
        Assert.Equal(ControlPlaneError.Forbidden, await RefusedAsync(tokens["access_token"]));
        Assert.Equal(ControlPlaneError.Forbidden, await RefusedAsync(own));
        Assert.Equal(ControlPlaneError.Unauthenticated, await RefusedAsync(null));

        Assert.Equal(theirs.App.Id, Assert.Single((await ClientOf(person.Person.Token).ListConsentsAsync()).Items).App);
        Assert.Equal(200, await UseAsync(tokens["access_token"]));
        Assert.Empty(await ChangesAsync());

        async Task<ControlPlaneError> RefusedAsync(string? by) => (await Assert.ThrowsAsync<ControlPlaneException>(() => ClientOf(by).DeleteConsentAsync(theirs.App.Id))).Code;
    }

    private ControlPlaneClient ClientOf(string? token) => new(Plane.Http, _ => new(token), Plane.Time);

    // Another app than the person's own, by the same browser.
    private async Task<Answered> RedeemAsync(Client person, AppCreated app) => await AskAsync(
        app, ("grant_type", "authorization_code"), ("code", await person.CodeAsync(("client_id", app.App.Id))), ("redirect_uri", person.Redirect), ("code_verifier", Client.Verifier));

    private async Task<Answered> AskAsync(AppCreated app, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token");
        request.Content = new FormUrlEncodedContent(
            fields.Append(("client_id", app.App.Id)).Append(("client_secret", app.Secret!)).Select(static field => KeyValuePair.Create(field.Item1, field.Item2)));
        return await Client.SendAsync(Plane, request);
    }

    private async Task<int> UseAsync(string token)
    {
        using var answer = await Plane.SendAsync("GET", "/v1/networks", token);
        return (int)answer.StatusCode;
    }

    private Task<List<string>> ChangesAsync() => Plane.Database.ReadAsync(
        static session => session.QueryAsync(
            $"SELECT caller, operation, subject FROM audit_events WHERE operation = {"deleteConsent"}", static row => $"{row.Text("caller")} {row.Text("operation")} {row.Text("subject")}"),
        default);
}
