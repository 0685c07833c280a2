using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>An app with its person, who is signed in at a browser.</summary>
internal sealed class Client : IDisposable
{
    public const string Email = "ada@example.org";
    public const string Password = "a difference engine";
    public const string Verifier = "a-verifier-of-more-than-forty-three-characters_~.";

    private Client(TestPlane plane, SessionToken person, AppCreated app)
    {
        (Plane, Person, App, Secret, Browser) = (plane, person, app.App, app.Secret, new(plane));
    }

    public TestPlane Plane { get; }

    public SessionToken Person { get; }

    public AppView App { get; }

    public string? Secret { get; }

    public Browser Browser { get; }

    public string Redirect => App.RedirectUris[0];

    public static async Task<Client> StartAsync(TestPlane plane, AppKind kind = AppKind.Service, string redirect = "https://app.example/callback", params string[] scopes)
    {
        var person = await plane.RegisterAsync(Email, Password);
        var client = new Client(plane, person, await AddAppAsync(plane, person, kind, redirect, scopes));
        await client.Browser.SignInAsync(Email, Password);
        return client;
    }

    public static Task<AppCreated> AddAppAsync(TestPlane plane, SessionToken person, AppKind kind, string redirect, params string[] scopes) =>
        plane.SendAsync<AppCreated>("POST", "/v1/apps", person.Token, new AppDefinition("Thermostats & <Co>", kind, [redirect], scopes is [] ? DefaultScopes(kind) : scopes));

    public static string[] DefaultScopes(AppKind kind) => kind is AppKind.CloudToCloud ? ["networks:read", "resources:use"] : ["openid", "email", "networks:read", "offline_access"];

    /// <summary>The link to the authorization endpoint; a parameter that is null is left out.</summary>
    public string Link(params (string Name, string? Value)[] changes) =>
        "/oauth/authorize?" + string.Join('&', Parameters(changes).Select(static pair => pair.Name + "=" + Uri.EscapeDataString(pair.Value)));

    /// <summary>The same as the fields of a form.</summary>
    public (string Name, string Value)[] Parameters(params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["response_type"] = "code", ["client_id"] = App.Id, ["redirect_uri"] = Redirect, ["scope"] = string.Join(' ', App.Scopes), ["state"] = "a state", ["nonce"] = "a nonce",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))), ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes) { parameters[name] = value; }
        return [.. parameters.Where(static pair => pair.Value is not null).Select(static pair => (pair.Key, pair.Value!))];
    }

    /// <summary>Goes to the link and agrees where that is asked.</summary>
    public async Task<Shown> AgreeAsync(params (string Name, string? Value)[] changes)
    {
        var shown = await Browser.FollowAsync(Link(changes));
        return shown.Location is null ? await Browser.SendAsync(shown, ("decision", "allow")) : shown;
    }

    public async Task<string> CodeAsync(params (string Name, string? Value)[] changes) => (await AgreeAsync(changes))["code"]!;

    /// <summary>Asks the token endpoint, as the app.</summary>
    public async Task<Answered> AskAsync(string path, params (string Name, string? Value)[] fields)
    {
        var all = fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!)).ToList();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (Secret is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{App.Id}:{Secret}"))); }
        else if (!all.Any(field => field.Key == "client_id")) { all.Add(KeyValuePair.Create("client_id", App.Id)); }
        request.Content = new FormUrlEncodedContent(all);
        return await SendAsync(Plane, request);
    }

    public Task<Answered> RedeemAsync(string code, params (string Name, string? Value)[] changes)
    {
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal) { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = Redirect, ["code_verifier"] = Verifier };
        foreach (var (name, value) in changes) { fields[name] = value; }
        return AskAsync("/oauth/token", [.. fields.Select(pair => (pair.Key, pair.Value))]);
    }

    public Task<Answered> RefreshAsync(string token, string? scope = null) => AskAsync("/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope));

    public async Task<bool> IsActiveAsync(string token) => (await AskAsync("/oauth/introspect", ("token", token))).Json.GetProperty("active").GetBoolean();

    public static async Task<Answered> SendAsync(TestPlane plane, HttpRequestMessage request)
    {
        using var response = await plane.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        return new((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public void Dispose() => Browser.Dispose();
}
