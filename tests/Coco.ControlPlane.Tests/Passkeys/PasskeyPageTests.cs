using System.Text.Json;

namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>The script of the pages, as served, run by node in a browser of the test's own (<c>node/browser.mjs</c>) with an authenticator that is a program.</summary>
public sealed class PasskeyPageTests
{
    private const string NotHere = "The passkey is not known here, or the answer was not right. Ask for a new challenge and try again.";

    [Fact]
    public async Task People_make_and_use_passkeys_at_the_pages_and_what_is_not_right_is_refused()
    {
        NodeProgram.Require("node");
        await using var plane = await TestPlane.StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);
        var ticket = (await client.Browser.GetAsync(client.Link())).Location!.Split("ticket=")[1];

        var steps = await RunAsync(plane, ticket);

        Assert.Equal(
            [
                """{"step":"no passkeys","hidden":true}""",
                """{"step":"passkeys","hidden":false}""",
                """{"step":"password","path":"/account","status":200,"alert":""}""",
                $$"""{"step":"add with a wrong password","path":"/account","status":200,"alert":"","told":"{{ControlPlane.Accounts.SignIn.Refusal}}","isShown":true,"again":true}""",
                """{"step":"add cancelled","told":"Nothing was done: it was cancelled, or took too long.","keys":0}""",
                $$"""{"step":"add from elsewhere","path":"/account/passkeys","status":400,"alert":"{{NotHere}}"}""",
                $$"""{"step":"add by another challenge","path":"/account/passkeys","status":400,"alert":"{{NotHere}}"}""",
                """{"step":"add","path":"/account","status":200,"alert":"","isListed":true,"sent":""}""",
                """{"step":"add twice","told":"This device has a passkey for this account already."}""",
                """{"step":"sign out","path":"/sign-in","status":200,"alert":""}""",
                """{"step":"sign in: cancel","path":"/sign-in","status":200,"alert":"","told":"Nothing was done: it was cancelled, or took too long.","posts":1}""",
                """{"step":"account after cancel","path":"/sign-in","status":200,"alert":""}""",
                $$"""{"step":"sign in: origin","path":"/sign-in/passkey","status":401,"alert":"{{NotHere}}","told":"","posts":2}""",
                """{"step":"account after origin","path":"/sign-in","status":200,"alert":""}""",
                $$"""{"step":"sign in: challenge","path":"/sign-in/passkey","status":401,"alert":"{{NotHere}}","told":"","posts":2}""",
                """{"step":"account after challenge","path":"/sign-in","status":200,"alert":""}""",
                """{"step":"sign in","path":"/account","status":200,"alert":"","told":"","posts":2}""",
                """{"step":"account","path":"/account","status":200,"alert":"","isTheirs":true,"used":true}""",
                """{"step":"sign in for an app","path":"/oauth/continue","status":200,"alert":"","told":"","posts":2}""",
                """{"step":"remove","path":"/account","status":200,"alert":""}""",
                $$"""{"step":"sign in by what was removed","path":"/sign-in/passkey","status":401,"alert":"{{NotHere}}","told":"","posts":2}""",
            ],
            steps);
    }

    [Fact]
    public async Task Without_a_script_the_pages_work_as_before_and_say_what_is_missing()
    {
        await using var plane = await TestPlane.StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);

        var signIn = await client.Browser.GetAsync("/sign-in");
        await client.Browser.SignInAsync(OAuth.Client.Email, OAuth.Client.Password);
        var account = await client.Browser.GetAsync("/account");
        var register = await client.Browser.GetAsync("/register");

        Assert.Matches("<form [^>]*data-passkey=\"get\"[^>]* hidden>", signIn.Text);
        Assert.Matches("<form [^>]*data-passkey=\"create\"[^>]* hidden>", account.Text);
        Assert.Contains("<noscript><p>Adding and using one takes a script", account.Text, StringComparison.Ordinal);
        Assert.All(new[] { signIn, account }, static page => Assert.Contains("script-src 'self'; connect-src 'self'; require-trusted-types-for 'script';", page.Policy, StringComparison.Ordinal));
        Assert.DoesNotContain("script-src", register.Policy, StringComparison.Ordinal); // default-src 'none'
    }

    [Theory]
    [InlineData("/sign-in/passkey")]
    [InlineData("/account/passkeys")]
    [InlineData("/account/passkeys/prepare")]
    [InlineData("/account/passkeys/remove")]
    public async Task No_other_site_can_have_the_forms_sent(string path)
    {
        await using var plane = await TestPlane.StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);
        await client.Browser.SignInAsync(OAuth.Client.Email, OAuth.Client.Password);
        var account = await client.Browser.GetAsync("/account");
        var guard = account.Text.Split("name=\"guard\" value=\"")[2].Split('"')[0]; // of the passkeys: the first is of signing out

        var without = await client.Browser.PostAsync(path, [("password", OAuth.Client.Password)]);
        var other = await client.Browser.PostAsync(path, [("password", OAuth.Client.Password), ("guard", guard)], ("Origin", "https://evil.example"));
        var crossSite = await client.Browser.PostAsync(path, [("password", OAuth.Client.Password), ("guard", guard)], ("Sec-Fetch-Site", "cross-site"));

        Assert.All(new[] { without, other, crossSite }, static shown => Assert.InRange(shown.Status, 400, 403));
        Assert.All(new[] { without, other, crossSite }, static shown => Assert.DoesNotContain("challenge\"", shown.Text, StringComparison.Ordinal));
    }

    private static async Task<string[]> RunAsync(TestPlane plane, string ticket)
    {
        var input = JsonSerializer.Serialize(new { origin = plane.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), email = OAuth.Client.Email, password = OAuth.Client.Password, ticket });
        var (code, output, errors) = await NodeProgram.RunAsync("node", ["pages.mjs"], Path.Combine(NodeProgram.Repository, "tests", "Coco.ControlPlane.Tests", "Passkeys", "node"), input);
        Assert.True(code == 0, output + errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
