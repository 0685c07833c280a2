using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>The pages in a real browser, with its own virtual authenticator.</summary>
public sealed class ChromiumTests
{
    [Fact]
    public async Task A_sign_in_leads_on_to_an_app_that_was_let_in_before()
    {
        Require();
        await using var plane = await StartAsync();
        using var client = await OAuth.Client.StartAsync(plane);
        await client.CodeAsync(); // let in
        await using var browser = await Chromium.StartAsync();
        await browser.HoldAsync("https://app.example/*");

        await browser.GoAsync(plane.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + client.Link(), "/sign-in");
        await FillAsync(browser, "/sign-in", ("email", OAuth.Client.Email), ("password", OAuth.Client.Password));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (browser.Held.Count == 0 && browser.Complaints.Count == 0 && clock.Elapsed < TimeSpan.FromSeconds(30)) { await browser.CallAsync("Browser.getVersion"); }

        Assert.Empty(browser.Complaints);
        Assert.StartsWith("https://app.example/callback?code=", Assert.Single(browser.Held), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_browser_makes_a_passkey_and_signs_in_with_it()
    {
        Require();
        await using var plane = await StartAsync();
        await plane.RegisterAsync(OAuth.Client.Email, OAuth.Client.Password);
        var origin = plane.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await using var browser = await Chromium.StartAsync();

        // With the password, then a passkey.
        await browser.GoAsync(origin + "/sign-in");
        Assert.Equal(JsonValueKind.True, (await browser.EvaluateAsync("!document.querySelector('form[data-passkey]').hidden")).ValueKind);
        await FillAsync(browser, "/sign-in", ("email", OAuth.Client.Email), ("password", OAuth.Client.Password));
        await browser.UntilAsync("location.pathname === '/account' && document.readyState === 'complete'");
        await FillAsync(browser, "/account/passkeys", ("name", "Virtual key"), ("password", OAuth.Client.Password));
        await browser.UntilAsync("document.querySelector('li')?.innerText.startsWith('Virtual key, added') ?? false");
        var credentials = (await browser.CallAsync("WebAuthn.getCredentials", new { authenticatorId = browser.Authenticator })).GetProperty("credentials");

        // Out, and in again without the password.
        await FillAsync(browser, "/sign-out");
        await browser.UntilAsync("location.pathname === '/sign-in' && document.readyState === 'complete'");
        await browser.CallAsync("WebAuthn.setUserVerified", new { authenticatorId = browser.Authenticator, isUserVerified = false });
        await FillAsync(browser, "/sign-in/passkey");
        await browser.UntilAsync("!document.querySelector('form[data-passkey] [role=alert]').hidden");
        var told = (await browser.EvaluateAsync("document.querySelector('form[data-passkey] [role=alert]').innerText")).GetString();
        await browser.CallAsync("WebAuthn.setUserVerified", new { authenticatorId = browser.Authenticator, isUserVerified = true });
        await FillAsync(browser, "/sign-in/passkey");
        await browser.UntilAsync("location.pathname === '/account' && document.readyState === 'complete'");
        var shown = (await browser.EvaluateAsync("document.body.innerText")).GetString();

        // An injected script does not run.
        await browser.EvaluateAsync("(() => { const script = document.createElement('script'); try { script.textContent = 'window.evil = 1'; } catch {} document.body.append(script); })()");
        var isEvil = (await browser.EvaluateAsync("window.evil === 1")).GetBoolean();

        Assert.Equal(("localhost", true), (credentials[0].GetProperty("rpId").GetString(), credentials[0].GetProperty("isResidentCredential").GetBoolean()));
        Assert.StartsWith("Nothing was done", told, StringComparison.Ordinal);
        Assert.Contains("You are signed in as " + OAuth.Client.Email, shown, StringComparison.Ordinal);
        Assert.Contains(", used ", shown, StringComparison.Ordinal);
        Assert.False(isEvil);
    }

    private static void Require() => Assert.SkipWhen(Chromium.Program is null, "NOT TESTED: no browser is installed. Install chromium, as ./test --all does");

    // Passkeys are of names, not of addresses (WebAuthn §5.1.2), and of localhost where there is no https.
    private static Task<TestPlane> StartAsync()
    {
        var port = FreePort();
        return TestPlane.StartAsync(change: settings => settings with { Listen = [string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}")] });
    }

    private static Task<JsonElement> FillAsync(Chromium browser, string action, params (string Name, string Value)[] fields)
    {
        var values = JsonSerializer.Serialize(fields.ToDictionary(field => field.Name, field => field.Value));
        return browser.EvaluateAsync($$"""
            (() => {
              const form = document.querySelector('form[action="{{action}}"]');
              for (const [name, value] of Object.entries({{values}})) { form.elements.namedItem(name).value = value; }
              form.querySelector('button').click();
            })()
            """);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
