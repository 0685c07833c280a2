using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Usage;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Networks;
using Coco.ControlPlane.Tests.Webhooks;
using Coco.ControlPlane.Tokens;
using Coco.ControlPlane.Webhooks;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The clock on the wall of a running instance jumps, and comes back: what was lost is what was over by that clock, and nothing stays stuck.</summary>
public abstract class ClockJumpTests
{
    public static TheoryData<int> Days => [1, 365];

    public static TheoryData<int> Hours => [1, 365 * 24];

    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null);

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Metering_goes_on_in_the_month_of_the_clock_and_no_byte_is_lost(int days)
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var network = (await developer.FoundAsync()).Network.ToString();
        var now = plane.Time.GetUtcNow();
        var token = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, developer.App, null, [ControlPlane.Apps.Scopes.UsageRead], now, now.AddYears(3)));
        var usage = plane.Host.Services.GetRequiredService<UsageStore>();
        plane.Time.Advance(TimeSpan.FromDays(14)); // the middle of November
        var batch = 0;

        await UseAsync(10);
        plane.Time.Advance(TimeSpan.FromDays(days));
        await UseAsync(200);
        plane.Time.Advance(TimeSpan.FromDays(-2 * days));
        await UseAsync(3_000);
        plane.Time.Advance(TimeSpan.FromDays(days));
        await UseAsync(40_000);

        string[] expected = days == 1 ? ["2026-11 43210"] : ["2025-11 3000", "2026-11 40010", "2027-11 200"];
        var shown = new List<string>();
        foreach (var month in (string[])["2025-11", "2026-11", "2027-11"])
        {
            var view = await plane.SendAsync<UsageView>("GET", $"/v1/networks/{network}/usage?month={month}", token);
            if (view.RelayedBytes > 0) { shown.Add($"{view.Month} {view.RelayedBytes}"); }
        }
        Assert.Equal(expected, shown);
        Assert.Equal("2026-11", (await plane.SendAsync<UsageView>("GET", $"/v1/networks/{network}/usage", token)).Month);

        Task UseAsync(long bytes) => usage.FlushAsync(new("run", ++batch, usage.Month, [new RelayUsage(default, network, bytes, 0)]), default);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(365, 401)] // housekeeping, which also runs when the program starts, has forgotten what was over for more than 30 days
    public async Task Tokens_that_are_over_by_the_clock_hold_again_when_it_comes_back_unless_they_were_long_over(int days, int back)
    {
        await using var plane = await StartAsync();
        var (_, token) = await plane.CreateAccountAsync(); // for a day
        async Task<int> AskAsync()
        {
            using var answer = await plane.SendAsync("GET", "/v1/me", token);
            return (int)answer.StatusCode;
        }

        plane.Time.Advance(TimeSpan.FromDays(days));
        await plane.Host.Services.GetRequiredService<Housekeeping>().SweepAsync(default);
        var ahead = await AskAsync();
        plane.Time.Advance(TimeSpan.FromDays(-days));

        Assert.Equal((401, back), (ahead, await AskAsync()));
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_token_of_a_clock_that_was_ahead_holds_when_its_time_has_come_and_no_longer_than_others(int hours)
    {
        await using var plane = await StartAsync();
        plane.Time.Advance(TimeSpan.FromHours(hours));
        var (_, token) = await plane.CreateAccountAsync(); // for a day
        async Task<int> AskAsync()
        {
            using var answer = await plane.SendAsync("GET", "/v1/me", token);
            return (int)answer.StatusCode;
        }

        var codes = new List<int> { await AskAsync() };
        plane.Time.Advance(TimeSpan.FromHours(-hours));
        codes.Add(await AskAsync());
        plane.Time.Advance(TimeSpan.FromHours(hours) - Lifespan.Skew); // clocks of instances differ by as much
        codes.Add(await AskAsync());
        plane.Time.Advance(TimeSpan.FromDays(1) + Lifespan.Skew);
        codes.Add(await AskAsync());

        Assert.Equal([200, 401, 200, 401], codes);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task An_invitation_lets_one_in_and_is_open_for_as_long_as_its_inviter_said_however_the_clock_jumps(int hours)
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        var (link, second) = (await InviteAsync(), await InviteAsync());
        var (early, late) = (Developer.Information(owner.Network, "early"), Developer.Information(owner.Network, "late"));

        plane.Time.Advance(TimeSpan.FromHours(hours));
        var ahead = await StateAsync(link);
        plane.Time.Advance(TimeSpan.FromHours(-2 * hours)); // one that lasts longer than any can is not open
        var before = await StateAsync(link);
        plane.Time.Advance(TimeSpan.FromHours(hours));
        await developer.Client(token: "").AskToJoinAsync(link, early);
        await developer.Client(token: "").AskToJoinAsync(link, late);
        await owner.AnswerAsync(link);
        var used = new List<string>();
        foreach (var jump in (int[])[hours, -2 * hours, hours])
        {
            plane.Time.Advance(TimeSpan.FromHours(jump));
            used.Add(await StateAsync(link));
            Assert.Equal(ControlPlaneError.Gone, (await Assert.ThrowsAsync<ControlPlaneException>(() => developer.Client(token: "").AskToJoinAsync(link, late))).Code);
        }

        Assert.Equal(hours == 1 ? ("open", "open") : ("expired", "expired"), (ahead, before));
        Assert.Equal(["used", "used", "used"], used);
        Assert.Equal("open", await StateAsync(second));
        Assert.Single((await developer.Client().ListNodesAsync(owner.Network)).Items);

        Task<JoinLink> InviteAsync() => owner.InviteAsync(new() { Lifetime = TimeSpan.FromDays(2) });
        async Task<string> StateAsync(JoinLink link) => (await plane.SendAsync<Coco.ControlPlane.Client.Contracts.Invitations.InvitationStateView>("GET", $"/v1/invitations/{link.Invitation}")).State;
    }

    [Fact]
    public async Task What_an_instance_wrote_counts_once_while_the_clock_of_another_is_a_year_ahead()
    {
        await using var plane = await StartAsync();
        var usage = plane.Host.Services.GetRequiredService<UsageStore>();
        var batch = new UsageBatch("one", 7, usage.Month, [new RelayUsage(default, "net", 1_000, 0)]);
        await usage.FlushAsync(batch, default); // whose answer is lost
        plane.Time.Advance(TimeSpan.FromDays(365));
        for (var number = 1; number < 3; number++) { await usage.FlushAsync(new("other", number, usage.Month, [new RelayUsage(default, "net", 1, 0)]), default); }
        plane.Time.Advance(TimeSpan.FromDays(-365));

        await usage.FlushAsync(batch, default);

        Assert.Equal(1_000, (await plane.Database.ReadAsync(session => usage.ReadAsync(session, "net", usage.Month), default)).Relayed);
    }

    [Fact]
    public async Task After_a_year_ahead_with_housekeeping_people_sign_in_as_before()
    {
        await using var plane = await StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);
        plane.Time.Advance(TimeSpan.FromDays(365));
        await plane.Host.Services.GetRequiredService<Housekeeping>().SweepAsync(default);
        for (var i = 0; i < 12; i++) { await SignInAsync("a wrong password"); } // which would be waited for until that time comes

        plane.Time.Advance(TimeSpan.FromDays(-365));
        var code = await SignInAsync(OAuth.Client.Password);
        using var reset = await plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(OAuth.Client.Email));
        using var completed = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(await plane.Mails.NextCodeAsync(), "an analytical engine"));

        Assert.Equal(HttpStatusCode.Created, code);
        Assert.True(completed.IsSuccessStatusCode, await completed.Content.ReadAsStringAsync());

        async Task<HttpStatusCode> SignInAsync(string password)
        {
            using var answer = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(OAuth.Client.Email, password));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Mail_that_was_sent_a_year_ahead_keeps_no_mail_away_and_its_codes_are_no_good()
    {
        await using var plane = await StartAsync();
        await plane.RegisterAsync(OAuth.Client.Email, OAuth.Client.Password);
        plane.Time.Advance(TimeSpan.FromDays(365));
        var codes = new List<string>();
        for (var i = 0; i < 5; i++) { codes.Add(await AskAsync()); }

        plane.Time.Advance(TimeSpan.FromDays(-365));
        var code = await AskAsync();
        using var old = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(codes[0], "an analytical engine"));
        using var good = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(code, "an analytical engine"));

        Assert.Equal(410, (int)old.StatusCode);
        Assert.True(good.IsSuccessStatusCode);

        async Task<string> AskAsync()
        {
            using var reset = await plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(OAuth.Client.Email));
            return await plane.Mails.NextCodeAsync();
        }
    }

    [Fact]
    public async Task Events_of_a_clock_that_was_ahead_are_told_and_a_lease_of_it_holds_nobody_up()
    {
        await using var plane = await StartAsync(static settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        await using var receiver = await Receiver.StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var now = plane.Time.GetUtcNow();
        var token = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, developer.App, null, [.. Developer.Scopes], now, now.AddYears(2)));
        var client = developer.Client(token);
        await client.CreateWebhookAsync(developer.App, new(receiver.Url, WebhookOutbox.Events));
        plane.Time.Advance(TimeSpan.FromDays(365));
        using var fleet = await Coco.ControlPlane.Client.NetworkAuthority.CreateAsync(client, developer.Key, new() { Name = "fleet" });
        receiver.Status = 500;
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "ahead"));
        await DeliverAsync(); // not taken: it is to be tried again, a year ahead
        Assert.NotEmpty(receiver.Heard);

        receiver.Status = 200;
        var heard = receiver.Heard.Count;
        // As if the lease were of an instance that is gone, and not of the only one that SQLite has.
        await plane.Database.WriteAsync(static session => session.ExecuteAsync($"UPDATE leases SET holder = {"ins_gone"}"), default);
        plane.Time.Advance(TimeSpan.FromDays(-365));
        await plane.RestartAsync(); // the one that begins may deliver before it is told to
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await DeliverAsync();
        while (await StateAsync() != "delivered") { await Task.Delay(20, patience.Token); }

        Assert.Equal(heard + 1, receiver.Heard.Count);
        Assert.Equal(["delivered"], await plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT state FROM webhook_deliveries", static row => row.Text("state")), default));

        Task<string?> StateAsync() => plane.Database.ReadAsync(static session => session.FirstAsync($"SELECT state FROM webhook_deliveries", static row => row.Text("state")), default);
        Task<int> DeliverAsync() => plane.Host.Services.GetRequiredService<WebhookCourier>().RunOnceAsync(default);
    }

    [Fact]
    public async Task A_key_of_a_clock_that_was_ahead_signs_no_longer_than_others()
    {
        await using var plane = await StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);
        plane.Time.Advance(TimeSpan.FromDays(365));
        await client.Browser.SignInAsync(OAuth.Client.Email, OAuth.Client.Password);
        var ahead = KeyOf((await client.RedeemAsync(await client.CodeAsync()))["id_token"]);

        plane.Time.Advance(TimeSpan.FromDays(-365));
        await client.Browser.SignInAsync(OAuth.Client.Email, OAuth.Client.Password);
        var now = KeyOf((await client.RedeemAsync(await client.CodeAsync()))["id_token"]);
        var shown = await plane.Http.GetStringAsync("/oauth/jwks");

        Assert.NotEqual(ahead, now);
        Assert.Contains(ahead, shown, StringComparison.Ordinal); // what it signed goes on to be good
        Assert.Contains(now, shown, StringComparison.Ordinal);

        static string KeyOf(string token) => System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0])).GetProperty("kid").GetString()!;
    }
}
