using System.Net;
using System.Text.RegularExpressions;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>A browser without scripts: it keeps cookies, sends forms as the page gave them, and shows where it is sent instead of going there.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(TestPlane plane)
    {
#pragma warning disable CA2000 // the client disposes it
        _http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = plane.Http.BaseAddress };
#pragma warning restore CA2000
    }

    public CookieContainer Cookies { get; } = new();

    public async Task<Shown> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    /// <summary>Follows links of the control plane itself, as far as they go.</summary>
    public async Task<Shown> FollowAsync(string path)
    {
        var shown = await GetAsync(path);
        for (var i = 0; i < 5 && shown.Location is ['/', ..]; i++) { shown = await GetAsync(shown.Location); }
        return shown;
    }

    /// <summary>Sends the form of a page.</summary>
    public Task<Shown> SendAsync(Shown page, params (string Name, string Value)[] fields)
    {
        var form = page.Text[page.Text.IndexOf("<form", StringComparison.Ordinal)..]; // the first one, which works without a script
        var hidden = Hidden().Matches(form[..form.IndexOf("</form>", StringComparison.Ordinal)]).Select(match => (Name: match.Groups["name"].Value, Value: WebUtility.HtmlDecode(match.Groups["value"].Value)));
        return PostAsync(Action().Match(page.Text).Groups["action"].Value, [.. hidden.Where(field => !fields.Any(one => one.Name == field.Name)), .. fields]);
    }

    public async Task<Shown> PostAsync(string path, (string Name, string Value)[] fields, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        foreach (var (name, value) in headers) { request.Headers.Add(name, value); }
        using var response = await _http.SendAsync(request);
        return await ReadAsync(response);
    }

    public async Task SignInAsync(string email, string password)
    {
        var shown = await SendAsync(await GetAsync("/sign-in"), ("email", email), ("password", password));
        Assert.Equal("/account", shown.Location);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Shown> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Headers.Location?.OriginalString,
        await response.Content.ReadAsStringAsync(),
        response.Headers.TryGetValues("Content-Security-Policy", out var policies) ? policies.Single() : "");

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)">""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hidden();

    [GeneratedRegex("""<form method="post" action="(?<action>[^"]*)">""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Action();
}
