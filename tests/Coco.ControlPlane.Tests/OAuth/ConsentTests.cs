using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Tokens;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public async Task The_account_s_page_shows_which_apps_were_let_in_and_takes_each_back_without_a_script()
    {
        using var person = await Client.StartAsync(Plane);
        Assert.Contains("You have let no app in.", (await person.Browser.GetAsync("/account")).Text, StringComparison.Ordinal);
        var other = await Client.AddAppAsync(Plane, person.Person, AppKind.Service, person.Redirect, "networks:read");
        var (tokens, others) = (await person.RedeemAsync(await person.CodeAsync()), await RedeemAsync(person, other, ("scope", "networks:read")));
        var waiting = await person.CodeAsync();

        var page = await person.Browser.GetAsync("/account");
        var (own, theirs) = (FormOf(page, person.App.Id), FormOf(page, other.App.Id));
        Assert.Equal(2, page.Text.Split("<strong>Thermostats &amp; &lt;Co&gt;</strong>, let in on " + Plane.Time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)).Length - 1);
        Assert.Equal((2, 1), (page.Text.Split("<li>see your networks</li>").Length - 1, page.Text.Split("<li>see your address of mail</li>").Length - 1));
        var taken = await person.Browser.PostAsync("/account/apps/take-back", own);

        Assert.Equal((303, "/account"), (taken.Status, taken.Location));
        Assert.Equal((401, 200), (await UseAsync(tokens["access_token"]), await UseAsync(others["access_token"])));
        Assert.Equal(("invalid_grant", "invalid_grant"), ((await person.RefreshAsync(tokens["refresh_token"]))["error"], (await person.RedeemAsync(waiting))["error"]));
        Assert.Equal([$"account:{person.Person.Account} deleteConsent app={person.App.Id}"], await ChangesAsync());
        var after = await person.Browser.GetAsync("/account");
        Assert.DoesNotContain(person.App.Id, after.Text, StringComparison.Ordinal);
        Assert.Equal(303, (await person.Browser.PostAsync("/account/apps/take-back", own)).Status); // who pressed twice
        Assert.Equal(303, (await person.Browser.PostAsync("/account/apps/take-back", theirs)).Status);
        Assert.Empty((await ClientOf(person.Person.Token).ListConsentsAsync()).Items);
        Assert.Equal(2, (await ChangesAsync()).Count);
    }

    [Fact]
    public async Task Nothing_is_taken_back_by_a_form_of_another_site_browser_or_app()
    {
        using var person = await Client.StartAsync(Plane);
        var other = await Client.AddAppAsync(Plane, person.Person, AppKind.Service, person.Redirect);
        await person.CodeAsync();
        await RedeemAsync(person, other);
        await Plane.RegisterAsync("eve@example.org", "a difference engine");
        using var eve = new Browser(Plane);
        await eve.SignInAsync("eve@example.org", "a difference engine");
        var form = FormOf(await person.Browser.GetAsync("/account"), person.App.Id);
        var guard = form.Single(static field => field.Name == "guard");

        foreach (var (browser, fields, headers) in new (Browser, (string, string)[], (string, string)[])[]
        {
            (person.Browser, [("app", person.App.Id)], []),
            (person.Browser, [("app", person.App.Id), ("guard", guard.Value[..^1] + (guard.Value[^1] == 'A' ? 'B' : 'A'))], []),
            (person.Browser, [("app", other.App.Id), guard], []),
            (person.Browser, form, [("Origin", "https://evil.example")]),
            (person.Browser, form, [("Sec-Fetch-Site", "cross-site")]),
            (eve, form, []),
        })
        {
            Assert.Equal((400, (string?)null), await PostAsync(browser, fields, headers));
        }

        Assert.Equal(2, (await ClientOf(person.Person.Token).ListConsentsAsync()).Items.Count);
        using var nobody = new Browser(Plane);
        Assert.Equal("/sign-in", (await nobody.GetAsync("/account")).Location);

        static async Task<(int, string?)> PostAsync(Browser browser, (string, string)[] fields, (string, string)[] headers)
        {
            var shown = await browser.PostAsync("/account/apps/take-back", fields, headers);
            return (shown.Status, shown.Location);
        }
    }

    [Fact]
    public async Task No_token_outlives_a_consent_that_is_taken_back_while_a_code_or_a_token_is_exchanged()
    {
        using var person = await Client.StartAsync(Plane);
        var ada = ClientOf(person.Person.Token);
        var (late, early) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var refresh = (await person.RedeemAsync(await person.CodeAsync()))["refresh_token"];
            var code = await person.CodeAsync();
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var (redeeming, refreshing, again) = (AfterAsync(round % 3, () => person.RedeemAsync(code)), AfterAsync(round % 2, () => person.RefreshAsync(refresh)), AfterAsync(0, () => person.RedeemAsync(code)));
            var takingBack = AfterAsync(1, async () =>
            {
                await ada.DeleteConsentAsync(person.App.Id);
                return true;
            });
            gate.SetResult();

            await takingBack;
            foreach (var answer in new[] { await redeeming, await refreshing, await again })
            {
                if (answer.Status != 200)
                {
                    Assert.Equal((400, "invalid_grant"), (answer.Status, answer["error"]));
                    late++;
                    continue;
                }
                early++;
                Assert.Equal(401, await UseAsync(answer["access_token"]));
                Assert.Equal("invalid_grant", (await person.RefreshAsync(answer["refresh_token"]))["error"]);
            }
            Assert.Equal(0, await Plane.Database.ReadAsync(
                session => session.NumberAsync($"SELECT COUNT(*) FROM tokens WHERE app_id = {person.App.Id} AND account_id = {person.Person.Account} AND revoked IS NULL"), default));

            async Task<T> AfterAsync<T>(int yields, Func<Task<T>> act)
            {
                await gate.Task;
                for (var i = 0; i < yields; i++) { await Task.Yield(); }
                return await act();
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{early} came before, {late} after");
        Assert.True(late > 0, "nothing was ever refused");
    }

    [Fact]
    public async Task No_code_is_given_for_a_consent_that_is_taken_back_after_it_was_looked_at()
    {
        using var person = await Client.StartAsync(Plane);
        await person.CodeAsync(); // it is agreed
        var tokens = Plane.Host.Services.GetRequiredService<TokenStore>();
        var (begun, end) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        // Taken back by a transaction that has not ended: whoever reads sees the consent still.
        var taking = Plane.Database.WriteAsync(
            async session =>
            {
                Assert.True(await Consents.TryTakeBackAsync(session, tokens, person.Person.Account, person.App.Id));
                begun.TrySetResult();
                await end.Task;
            },
            default);
        await begun.Task;
        var asking = person.Browser.FollowAsync(person.Link());
        await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(1))); // SQLite has it wait for its turn to write, PostgreSQL does not
        end.SetResult();
        await taking;

        var shown = await asking;
        if (shown.Location is null) { Assert.Contains("Let an app in?", shown.Text, StringComparison.Ordinal); }
        else { Assert.Equal("invalid_grant", (await person.RedeemAsync(shown["code"]!))["error"]); } // it came before, and went with the consent
        Assert.Empty((await ClientOf(person.Person.Token).ListConsentsAsync()).Items);
    }

    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 200 : 30;

    // The hidden fields of the form for an app.
    private static (string Name, string Value)[] FormOf(Shown page, string app)
    {
        var form = page.Text.Split("<form ").Single(part => part.StartsWith("method=\"post\" action=\"/account/apps/take-back\"", StringComparison.Ordinal) && part.Contains($"value=\"{app}\"", StringComparison.Ordinal));
        return [("guard", form.Split("name=\"guard\" value=\"")[1].Split('"')[0]), ("app", app)];
    }

    private ControlPlaneClient ClientOf(string? token) => new(Plane.Http, _ => new(token), Plane.Time);

    // Another app than the person's own, by the same browser.
    private async Task<Answered> RedeemAsync(Client person, AppCreated app, params (string Name, string? Value)[] changes) => await AskAsync(
        app, ("grant_type", "authorization_code"), ("code", await person.CodeAsync([("client_id", app.App.Id), .. changes])), ("redirect_uri", person.Redirect), ("code_verifier", Client.Verifier));

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
