using System.Net;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;

namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>Passkeys, on either engine.</summary>
public abstract class PasskeyTests
{
    private const string Email = "ada@example.org";
    private const string Password = "a difference engine";

    internal abstract Task<TestPlane> StartAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_person_adds_a_passkey_and_signs_in_with_it(bool isEd25519)
    {
        await using var plane = await StartAsync();
        using var key = Make(plane, isEd25519);
        var session = await AddAsync(plane, key);

        var signedIn = await plane.SendAsync<SessionToken>("POST", "/v1/sessions/passkey", body: key.Sign(await ChallengeAsync(plane)));
        var told = await plane.Mails.NextAsync();
        var listed = await plane.SendAsync<Page<PasskeyView>>("GET", "/v1/me/passkeys", signedIn.Token);
        using var deleted = await plane.SendAsync("DELETE", "/v1/me/passkeys/" + listed.Items[0].Id, session.Token);
        using var after = await plane.SendAsync("POST", "/v1/sessions/passkey", body: key.Sign(await ChallengeAsync(plane)));

        Assert.Equal(session.Account, signedIn.Account);
        Assert.Equal((Email, "A passkey was added"), (told.To.Text, told.Subject));
        Assert.Equal(("My key", plane.Time.GetUtcNow()), (Assert.Single(listed.Items).Name, listed.Items[0].Used));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Unauthorized], [deleted.StatusCode, after.StatusCode]);
    }

    [Fact]
    public async Task What_was_signed_is_good_once()
    {
        await using var plane = await StartAsync();
        using var key = Make(plane);
        key.SignCount = 0;
        await AddAsync(plane, key);
        var assertion = key.Sign(await ChallengeAsync(plane));

        using var first = await plane.SendAsync("POST", "/v1/sessions/passkey", body: assertion);
        using var second = await plane.SendAsync("POST", "/v1/sessions/passkey", body: assertion);

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Unauthorized], [first.StatusCode, second.StatusCode]);
    }

    [Fact]
    public async Task A_copy_that_counts_backwards_is_refused()
    {
        await using var plane = await StartAsync();
        using var key = Make(plane);
        await AddAsync(plane, key);
        using var first = await plane.SendAsync("POST", "/v1/sessions/passkey", body: key.Sign(await ChallengeAsync(plane)));

        key.SignCount = 2; // as it was before the first
        using var copy = await plane.SendAsync("POST", "/v1/sessions/passkey", body: key.Sign(await ChallengeAsync(plane)));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Unauthorized], [first.StatusCode, copy.StatusCode]);
        Assert.Contains(plane.Log.Lines, line => line.Contains("counts backwards", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_challenge_is_ours_for_this_and_for_five_minutes()
    {
        await using var plane = await StartAsync();
        using var key = Make(plane);
        var session = await AddAsync(plane, key);
        var old = await ChallengeAsync(plane);
        var forAdding = await plane.SendAsync<PasskeyCreation>("POST", "/v1/me/passkeys/prepare", session.Token, new PasskeyPreparation(Password));
        plane.Time.Advance(TimeSpan.FromMinutes(4));

        foreach (var challenge in new[] { "bWFkZSB1cA", "", forAdding.Challenge })
        {
            using var wrong = await plane.SendAsync("POST", "/v1/sessions/passkey", body: key.Sign(new(challenge, key.RpId)));
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
        plane.Time.Advance(TimeSpan.FromMinutes(1));
        using var late = await plane.SendAsync("POST", "/v1/sessions/passkey", body: key.Sign(old));
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("relying party")]
    [InlineData("nobody present")]
    [InlineData("nobody verified")]
    [InlineData("type")]
    [InlineData("user handle")]
    [InlineData("another key")]
    public async Task A_sign_in_elsewhere_or_by_nobody_is_refused(string what)
    {
        await using var plane = await StartAsync();
        using var key = Make(plane);
        using var other = Make(plane);
        await AddAsync(plane, key);
        if (what == "origin") { key.Origin = "https://evil.example"; }
        if (what == "relying party") { key.RpId = "evil.example"; }
        if (what == "nobody present") { key.Flags = 0x04; }
        if (what == "nobody verified") { key.Flags = 0x01; }
        var assertion = key.Sign(await ChallengeAsync(plane), what == "user handle" ? "YWNjX290aGVy" : null, what == "type" ? "webauthn.create" : "webauthn.get");
        if (what == "another key") { assertion = other.Sign(await ChallengeAsync(plane)) with { CredentialId = assertion.CredentialId }; }

        using var response = await plane.SendAsync("POST", "/v1/sessions/passkey", body: assertion);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Adding_takes_the_password_and_a_challenge_of_one_s_own()
    {
        await using var plane = await StartAsync();
        using var key = Make(plane);
        var session = await plane.RegisterAsync(Email, Password);
        var other = await plane.RegisterAsync("grace@example.org", Password);
        var options = await plane.SendAsync<PasskeyCreation>("POST", "/v1/me/passkeys/prepare", other.Token, new PasskeyPreparation(Password));

        using var wrong = await plane.SendAsync("POST", "/v1/me/passkeys/prepare", session.Token, new PasskeyPreparation("a guess of mine"));
        using var foreign = await plane.SendAsync("POST", "/v1/me/passkeys", session.Token, key.Make(options));
        using var first = await plane.SendAsync("POST", "/v1/me/passkeys", other.Token, key.Make(options));
        using var again = await plane.SendAsync("POST", "/v1/me/passkeys", other.Token, key.Make(options));

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.BadRequest, HttpStatusCode.Created, HttpStatusCode.BadRequest], [wrong.StatusCode, foreign.StatusCode, first.StatusCode, again.StatusCode]);
    }

    private static Authenticator Make(TestPlane plane, bool isEd25519 = false) => new(plane.Http.BaseAddress!.ToString().TrimEnd('/'), isEd25519);

    private static Task<PasskeyChallenge> ChallengeAsync(TestPlane plane) => plane.SendAsync<PasskeyChallenge>("POST", "/v1/sessions/passkey/prepare");

    private static async Task<SessionToken> AddAsync(TestPlane plane, Authenticator key)
    {
        var session = await plane.RegisterAsync(Email, Password);
        var options = await plane.SendAsync<PasskeyCreation>("POST", "/v1/me/passkeys/prepare", session.Token, new PasskeyPreparation(Password));
        await plane.SendAsync<PasskeyView>("POST", "/v1/me/passkeys", session.Token, key.Make(options));
        return session;
    }
}
