using System.Net;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Accounts;

/// <summary>What people do with their accounts, on either engine.</summary>
public abstract class AccountTests
{
    private const string Email = "ada@example.org";
    private const string Password = "a difference engine";

    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task A_person_registers_signs_in_and_out()
    {
        await using var plane = await StartAsync();
        var first = await plane.RegisterAsync(Email, Password);

        var second = await plane.SendAsync<SessionToken>("POST", "/v1/sessions", body: new Credentials(" ADA@Example.ORG ", Password));
        var me = await plane.SendAsync<AccountView>("GET", "/v1/me", second.Token);
        var sessions = await plane.SendAsync<Page<SessionView>>("GET", "/v1/sessions", second.Token);
        using var signedOut = await plane.SendAsync("DELETE", "/v1/sessions/current", second.Token);
        using var after = await plane.SendAsync("GET", "/v1/me", second.Token);

        Assert.Equal(new(first.Account, plane.Time.GetUtcNow(), Email), me);
        Assert.Equal(new HashSet<string> { first.Id, second.Id }, sessions.Items.Select(session => session.Id).ToHashSet());
        Assert.Equal(second.Id, Assert.Single(sessions.Items, session => session.IsCurrent).Id);
        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Nobody_but_who_chose_the_password_confirms_and_only_once()
    {
        await using var plane = await StartAsync();
        using var asked = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials(Email, Password));
        var code = await plane.Mails.NextCodeAsync();

        using var wrong = await plane.SendAsync("POST", "/v1/accounts/confirm", body: new AccountConfirmation(code, "another password"));
        using var right = await plane.SendAsync("POST", "/v1/accounts/confirm", body: new AccountConfirmation(code, Password));
        using var again = await plane.SendAsync("POST", "/v1/accounts/confirm", body: new AccountConfirmation(code, Password));

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Created, HttpStatusCode.Gone], [wrong.StatusCode, right.StatusCode, again.StatusCode]);
    }

    [Fact]
    public async Task A_code_is_good_for_an_hour()
    {
        await using var plane = await StartAsync();
        using var asked = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials(Email, Password));
        var code = await plane.Mails.NextCodeAsync();

        plane.Time.Advance(TimeSpan.FromMinutes(61));
        using var late = await plane.SendAsync("POST", "/v1/accounts/confirm", body: new AccountConfirmation(code, Password));

        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
    }

    [Fact]
    public async Task A_known_address_gets_the_same_answer_and_a_mail_that_says_so()
    {
        await using var plane = await StartAsync();
        await plane.RegisterAsync(Email, Password);

        using var known = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials(Email, "another password"));
        using var unknown = await plane.SendAsync("POST", "/v1/accounts", body: new Credentials("grace@example.org", "another password"));

        Assert.Equal((known.StatusCode, await known.Content.ReadAsStringAsync()), (unknown.StatusCode, await unknown.Content.ReadAsStringAsync()));
        Assert.Equal("You have an account already", (await plane.Mails.NextAsync()).Subject);
        Assert.Equal("Confirm your address", (await plane.Mails.NextAsync()).Subject);
    }

    [Fact]
    public async Task A_reset_by_mail_sets_the_password_once_and_ends_all_sessions()
    {
        await using var plane = await StartAsync();
        var session = await plane.RegisterAsync(Email, Password);
        using var asked = await plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(Email));
        var code = await plane.Mails.NextCodeAsync();

        using var reset = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(code, "an analytical engine"));
        using var again = await plane.SendAsync("POST", "/v1/accounts/reset/complete", body: new AccountConfirmation(code, "yet another engine"));
        using var oldSession = await plane.SendAsync("GET", "/v1/me", session.Token);
        using var oldPassword = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(Email, Password));
        using var newPassword = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(Email, "an analytical engine"));

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Gone], [reset.StatusCode, again.StatusCode]);
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], [oldSession.StatusCode, oldPassword.StatusCode]);
        Assert.Equal(HttpStatusCode.Created, newPassword.StatusCode);
        Assert.Equal("Your password was changed", (await plane.Mails.NextAsync()).Subject);
    }

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions()
    {
        await using var plane = await StartAsync();
        var other = await plane.RegisterAsync(Email, Password);
        var own = await plane.SendAsync<SessionToken>("POST", "/v1/sessions", body: new Credentials(Email, Password));

        using var wrong = await plane.SendAsync("PUT", "/v1/me/password", own.Token, new PasswordChange("a guess of mine", "an analytical engine"));
        using var right = await plane.SendAsync("PUT", "/v1/me/password", own.Token, new PasswordChange(Password, "an analytical engine"));
        using var asOther = await plane.SendAsync("GET", "/v1/me", other.Token);
        using var asOwn = await plane.SendAsync("GET", "/v1/me", own.Token);

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.NoContent], [wrong.StatusCode, right.StatusCode]);
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK], [asOther.StatusCode, asOwn.StatusCode]);
    }

    [Fact]
    public async Task An_address_changes_when_the_new_one_confirms()
    {
        await using var plane = await StartAsync();
        var session = await plane.RegisterAsync(Email, Password);

        using var asked = await plane.SendAsync("POST", "/v1/me/email", session.Token, new Credentials("countess@example.org", Password));
        var before = await plane.SendAsync<AccountView>("GET", "/v1/me", session.Token);
        using var confirmed = await plane.SendAsync("POST", "/v1/accounts/confirm-email", body: new EmailConfirmation(await plane.Mails.NextCodeAsync()));
        var after = await plane.SendAsync<AccountView>("GET", "/v1/me", session.Token);

        Assert.Equal((Email, "countess@example.org"), (before.Email, after.Email));
        Assert.Equal(Email, (await plane.Mails.NextAsync()).To.Text);
    }

    [Fact]
    public async Task A_deleted_account_is_gone_with_all_of_it()
    {
        await using var plane = await StartAsync();
        var session = await plane.RegisterAsync(Email, Password);
        await plane.CreateAppAsync(session.Account);

        using var deleted = await plane.SendAsync("POST", "/v1/me/delete", session.Token, new AccountDeletion(Password));
        using var after = await plane.SendAsync("GET", "/v1/me", session.Token);

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Unauthorized], [deleted.StatusCode, after.StatusCode]);
        Assert.False(await plane.Database.ReadAsync(work => work.AnyAsync($"SELECT id FROM apps UNION ALL SELECT id FROM tokens UNION ALL SELECT id FROM accounts"), default));
    }

    [Fact]
    public async Task Guesses_get_slower_and_the_right_password_waits_too()
    {
        await using var plane = await StartAsync();
        await plane.RegisterAsync(Email, Password);
        async Task<HttpStatusCode> TryAsync(string password)
        {
            using var response = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(Email, password));
            return response.StatusCode;
        }
        for (var i = 0; i < 5; i++) { Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("guess number " + i)); }

        var locked = await TryAsync(Password);
        plane.Time.Advance(TimeSpan.FromSeconds(2));
        var later = await TryAsync(Password);
        var then = await TryAsync("one wrong again");
        var forgotten = await TryAsync(Password);

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Created, HttpStatusCode.Unauthorized, HttpStatusCode.Created], [locked, later, then, forgotten]);
    }

    [Fact]
    public async Task Guesses_at_once_do_not_pass_for_one()
    {
        await using var plane = await StartAsync();
        await plane.RegisterAsync(Email, Password);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var response = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(Email, "guess number " + i));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }));
        using var right = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials(Email, Password));

        // The clock stands: no more than the free guesses were made, however many came at once.
        Assert.Equal(HttpStatusCode.Unauthorized, right.StatusCode);
        Assert.Equal(5, await plane.Database.ReadAsync(session => session.NumberAsync($"SELECT failures FROM sign_in_failures"), default));
    }

    [Fact]
    public async Task What_is_over_is_swept()
    {
        await using var plane = await StartAsync();
        await plane.RegisterAsync(Email, Password);
        using var wrong = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials("nobody@example.org", Password));
        using var asked = await plane.SendAsync("POST", "/v1/accounts/reset", body: new ResetRequest(Email));

        plane.Time.Advance(SignIn.Lifetime + TimeSpan.FromDays(31));
        await plane.Host.Services.GetRequiredService<Housekeeping>().SweepAsync(default);

        Assert.False(await plane.Database.ReadAsync(
            session => session.AnyAsync($"SELECT id FROM tokens UNION ALL SELECT email FROM mail_codes UNION ALL SELECT 'x' FROM sign_in_failures"), default));
    }
}
