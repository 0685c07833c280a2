using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>U+0000, which one engine keeps in texts and the other does not: refused alike, on either.</summary>
public abstract partial class NullCharacterTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private const string Null = "a\0b";

    public static TheoryData<string, string> TokenFields => new()
    {
        { "/oauth/token", "grant_type" }, { "/oauth/token", "code" }, { "/oauth/token", "redirect_uri" }, { "/oauth/token", "code_verifier" }, { "/oauth/token", "client_id" },
        { "/oauth/token", "client_secret" }, { "/oauth/revoke", "token" }, { "/oauth/revoke", "client_id" }, { "/oauth/introspect", "token" }, { "/oauth/introspect", "client_secret" },
    };

    [Theory]
    [MemberData(nameof(TokenFields))]
    public async Task A_field_of_the_token_endpoints_with_it_is_an_invalid_request(string path, string field)
    {
        using var client = await Client.StartAsync(Plane);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client_id"] = client.App.Id, ["client_secret"] = client.Secret!, ["grant_type"] = "authorization_code", ["code"] = "x", ["redirect_uri"] = client.Redirect, ["code_verifier"] = Client.Verifier, ["token"] = "x",
            [field] = Null,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };

        var answer = await Client.SendAsync(Plane, request);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer["error"]));
    }

    [Theory]
    [InlineData("refresh_token", "refresh_token")]
    [InlineData("refresh_token", "scope")]
    [InlineData("client_credentials", "scope")]
    public async Task So_is_one_of_the_other_grants(string grant, string field)
    {
        using var client = await Client.StartAsync(Plane);

        var answer = await client.AskAsync("/oauth/token", [("grant_type", grant), .. field == "refresh_token" ? [] : new (string, string?)[] { ("refresh_token", "x") }, (field, Null)]);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer["error"]));
    }

    [Fact]
    public async Task So_is_a_header_of_an_app_with_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("app%00:secret")));

        var answer = await Client.SendAsync(Plane, request);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer["error"]));
    }

    [Theory]
    [InlineData("response_type")]
    [InlineData("scope")]
    [InlineData("state")]
    [InlineData("nonce")]
    [InlineData("code_challenge")]
    [InlineData("code_challenge_method")]
    [InlineData("prompt")]
    [InlineData("max_age")]
    [InlineData("response_mode")]
    public async Task An_app_that_asks_with_it_is_told_that_its_request_is_invalid(string name)
    {
        using var client = await Client.StartAsync(Plane);

        var shown = await client.Browser.GetAsync(client.Link((name, Null)));

        Assert.StartsWith(client.Redirect + "?error=invalid_request", shown.Location, StringComparison.Ordinal);
        Assert.DoesNotContain("%00", shown.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/oauth/authorize", "client_id")]
    [InlineData("/oauth/authorize", "redirect_uri")]
    [InlineData("/oauth/continue", "ticket")]
    public async Task Where_nobody_can_be_told_the_person_is(string path, string name)
    {
        using var client = await Client.StartAsync(Plane);

        var shown = await client.Browser.GetAsync(path == "/oauth/authorize" ? client.Link((name, Null)) : $"{path}?{name}={Uri.EscapeDataString(Null)}");

        Assert.Equal((400, (string?)null), (shown.Status, shown.Location));
    }

    [Theory]
    [InlineData("/sign-in", "email")]
    [InlineData("/sign-in", "password")]
    [InlineData("/sign-in", "ticket")]
    [InlineData("/register", "email")]
    [InlineData("/register", "password")]
    [InlineData("/confirm", "code")]
    [InlineData("/confirm-email", "code")]
    [InlineData("/reset", "email")]
    [InlineData("/reset/complete", "code")]
    [InlineData("/reset/complete", "password")]
    public async Task A_form_with_it_is_refused_as_any_that_is_wrong(string path, string field)
    {
        using var browser = new Browser(Plane);
        var page = await browser.GetAsync(path);

        var shown = await browser.SendAsync(page, [("email", "ada@example.org"), ("password", "a difference engine"), ("code", "x"), ("ticket", ""), (field, Null)]);

        Assert.InRange(shown.Status, 400, 499);
        Assert.Contains("</html>", shown.Text, StringComparison.Ordinal);
    }

    // Every operation that takes a text, with U+0000 in each of its texts in turn, and in its path and filters: the caller's fault, whichever the engine.
    [Fact]
    public async Task No_text_of_any_operation_may_have_it()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();
        var (_, person) = await Plane.CreateAccountAsync();
        var app = await Plane.IssueTokenAsync(new(
            Identifiers.New("tok"), Tokens.TokenKind.Access, null, developer.App, null, [.. ControlPlane.Api.Operations.All.Select(static operation => operation.Scope).OfType<string>()],
            Plane.Time.GetUtcNow(), Plane.Time.GetUtcNow().AddDays(1)));
        using var document = JsonDocument.Parse(await Plane.Http.GetStringAsync("/openapi/v1.json"));
        var tried = 0;
        foreach (var operation in ControlPlane.Api.Operations.All)
        {
            var described = document.RootElement.GetProperty("paths").GetProperty(operation.Path).GetProperty(operation.Method.ToLowerInvariant());
            var path = Parameter().Replace(operation.Path, match => match.Groups["name"].Value switch { "network" => fleet.Network.ToString(), "app" => developer.App, _ => "x" });
            var (texts, body) = TextsOf(document.RootElement, described);
            var queries = !described.TryGetProperty("parameters", out var parameters)
                ? []
                : parameters.EnumerateArray().Where(static one => one.GetProperty("in").GetString() == "query").Select(static one => one.GetProperty("name").GetString()!).ToArray();
            foreach (var token in new[] { app, person })
            {
                foreach (var text in texts)
                {
                    var spoiled = (JsonObject)body!.DeepClone();
                    spoiled[text] = spoiled[text] is JsonArray ? new JsonArray(Null) : Null;
                    await RefuseAsync(operation, path, token, spoiled);
                }
                foreach (var query in queries) { await RefuseAsync(operation, $"{path}?{query}=a%00b", token, body); }
            }
        }
        Assert.True(tried >= 100, $"{tried}");
        Assert.DoesNotContain(Plane.Log.Lines, static line => line.StartsWith("Error", StringComparison.Ordinal));

        async Task RefuseAsync(Operation operation, string path, string token, JsonObject? body)
        {
            tried++;
            using var response = await Plane.SendAsync(operation.Method, path, token, body);
            var said = $"{operation.Id} {path} {body?.ToJsonString()}: {(int)response.StatusCode}";
            Assert.True((int)response.StatusCode is >= 400 and < 500 || (response.StatusCode is HttpStatusCode.Accepted && operation.Id == "askForPasswordReset"), said); // that one never tells
        }
    }

    // The members that are texts or lists of texts, and a body that is otherwise as the contract has it.
    private static (string[] Texts, JsonObject? Body) TextsOf(JsonElement document, JsonElement operation)
    {
        if (!operation.TryGetProperty("requestBody", out var request)) { return ([], null); }
        var name = request.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
        var (texts, body) = (new List<string>(), new JsonObject());
        foreach (var member in document.GetProperty("components").GetProperty("schemas").GetProperty(name).GetProperty("properties").EnumerateObject())
        {
            var type = member.Value.TryGetProperty("type", out var one) ? one.ToString() : "";
            if (member.Value.TryGetProperty("format", out var format) && format.GetString() == "date-time") { body[member.Name] = "2030-01-01T00:00:00Z"; }
            else if (type.Contains("string", StringComparison.Ordinal)) { (body[member.Name], _) = ("x", 0); texts.Add(member.Name); }
            else if (type.Contains("array", StringComparison.Ordinal)) { body[member.Name] = new JsonArray("x"); texts.Add(member.Name); }
        }
        return ([.. texts], body);
    }

    [GeneratedRegex("{(?<name>[a-zA-Z]+)}", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Parameter();
}
