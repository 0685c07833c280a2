using System.Net;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>What pages of single-page apps may do with the API, on either engine.</summary>
public abstract class ApiOriginTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private const string Origin = "https://spa.example:8443";

    private string _token = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_, _token) = await Plane.CreateAccountAsync();
        await Plane.SendAsync<AppCreated>("POST", "/v1/apps", _token, new AppDefinition("Page", AppKind.SinglePage, [Origin + "/callback"], [Scopes.NetworksRead]));
        await Plane.SendAsync<AppCreated>("POST", "/v1/apps", _token, new AppDefinition("Service", AppKind.Service, ["https://service.example/callback"], [Scopes.NetworksRead]));
    }

    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings) => settings with { Rates = settings.Rates with { AnonymousPerSecond = 1 } };

    [Theory]
    [InlineData("GET", "/v1/me", "authorization")]
    [InlineData("PUT", "/v1/networks/x/policy", "authorization, content-type, idempotency-key, if-match")]
    [InlineData("DELETE", "/v1/networks/x/nodes/y", "authorization, coco-statement")]
    public async Task A_browser_is_told_what_a_page_of_a_registered_app_may_send(string method, string path, string headers)
    {
        using var answer = await AskAsync(HttpMethod.Options, path, Origin, ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Origin, One(answer, "Access-Control-Allow-Origin"));
        Assert.Contains(method, One(answer, "Access-Control-Allow-Methods")!.Split(", "));
        Assert.Superset(headers.Split(", ").ToHashSet(), One(answer, "Access-Control-Allow-Headers")!.ToLowerInvariant().Split(", ").ToHashSet());
        Assert.Equal((false, "Origin"), (answer.Headers.Contains("Access-Control-Allow-Credentials"), Assert.Single(answer.Headers.Vary)));
    }

    [Theory]
    [InlineData("https://spa.example")]
    [InlineData("http://spa.example:8443")]
    [InlineData("https://service.example")] // which has a server of its own for that
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task Pages_of_others_are_told_nothing(string origin)
    {
        using var asked = await AskAsync(HttpMethod.Options, "/v1/me", origin, ("Access-Control-Request-Method", "GET"));
        using var answer = await AskAsync(HttpMethod.Get, "/v1/me", origin, ("Authorization", "Bearer " + _token));

        Assert.All([asked, answer], static one => Assert.DoesNotContain(one.Headers, static header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal)));
        Assert.All([asked, answer], static one => Assert.Contains("Origin", one.Headers.Vary));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // the browser keeps it from the page
    }

    [Fact]
    public async Task A_page_reads_answers_and_problems_with_the_headers_that_it_needs()
    {
        using var me = await AskAsync(HttpMethod.Get, "/v1/me", Origin, ("Authorization", "Bearer " + _token));
        using var none = await AskAsync(HttpMethod.Get, "/v1/me", Origin);
        using var wrong = await AskAsync(HttpMethod.Get, "/v1/me", Origin, ("Authorization", "Bearer x"));
        using var missing = await AskAsync(HttpMethod.Get, "/v1/nothing", Origin);
        HttpStatusCode last;
        HttpResponseMessage often;
        do
        {
            often = await AskAsync(HttpMethod.Get, "/v1/service", Origin);
            last = often.StatusCode;
        }
        while (last is HttpStatusCode.OK);

        Assert.Equal([200, 401, 401, 404, 429], ((HttpResponseMessage[])[me, none, wrong, missing, often]).Select(static one => (int)one.StatusCode));
        foreach (var one in (HttpResponseMessage[])[me, none, wrong, missing, often])
        {
            Assert.Equal(Origin, One(one, "Access-Control-Allow-Origin"));
            Assert.Superset(new HashSet<string> { "ETag", "Location", "Retry-After" }, One(one, "Access-Control-Expose-Headers")!.Split(", ").ToHashSet());
            Assert.False(one.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    private static string? One(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.Single() : null;

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        return await Plane.Http.SendAsync(request);
    }
}
