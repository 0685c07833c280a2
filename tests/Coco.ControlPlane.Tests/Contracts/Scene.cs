using System.Net;
using System.Net.Http.Json;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Callers of one control plane, whose answers one judge hears.</summary>
internal sealed class Scene(TestPlane plane, ContractHandler handler) : IDisposable
{
    private readonly HttpClient _http = new(handler, disposeHandler: false) { BaseAddress = plane.Http.BaseAddress };
    private readonly List<IDisposable> _owned = [];

    public TestPlane Plane => plane;

    public ContractHandler Handler => handler;

    /// <summary>The token of the app that has a fleet.</summary>
    public string FleetToken { get; set; } = "";

    /// <summary>The key of the fleet's owner.</summary>
    public IdentityKey FleetKey { get; } = IdentityKey.Generate();

    public static string PathOf(Operation operation) =>
        System.Text.RegularExpressions.Regex.Replace(operation.Path, @"\{[a-z]+\}", "x", System.Text.RegularExpressions.RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));

    public ControlPlaneClient Client(string? token) => new(_http, _ => new(token), plane.Time);

    public T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? token, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (token is not null) { request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token); }
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        if (body is not null) { request.Content = JsonContent.Create(body, body.GetType(), options: ApiJson.Options); }
        return await _http.SendAsync(request);
    }

    /// <summary>The code of the next mail that has one; others tell people of what was done.</summary>
    public async Task<string> CodeAsync()
    {
        while (true)
        {
            if (await plane.Mails.NextCodeAsync() is { Length: > 0 } code) { return code; }
        }
    }

    public async Task<ControlPlaneError> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<ControlPlaneException>(act)).Code;

    /// <summary>A statement of the fleet's owner, on top of all that is known.</summary>
    public ReadOnlyMemory<byte> Signed(NetworkAuthority authority, StatementBody body)
    {
        var log = new MembershipLog(authority.Network, new());
        foreach (var known in authority.Log.CollectMissing([], [], int.MaxValue)) { log.Add(known); }
        return new StatementAuthor(FleetKey, log).State(body, 1).Encoded;
    }

    /// <summary>Asks once more for all that showed an ETag: who has it is told so, who has another gets it anew (RFC 9110 §13.1.2).</summary>
    public async Task CompareVersionsAsync()
    {
        foreach (var (uri, authorization, tag) in handler.TakeVersions())
        {
            foreach (var (known, expected) in ((string, HttpStatusCode)[])[(tag, HttpStatusCode.NotModified), ("W/" + tag, HttpStatusCode.NotModified), ("*", HttpStatusCode.NotModified), ("\"0\"", HttpStatusCode.OK), ($"\"0\", {tag}", HttpStatusCode.NotModified)])
            {
                using var response = await SendAsync("GET", uri.PathAndQuery, authorization, null, ("If-None-Match", known));
                Assert.True(response.StatusCode == expected, $"{uri.AbsolutePath} with {known}: {response.StatusCode}");
                Assert.Equal(tag, response.Headers.ETag!.ToString());
            }
        }
        handler.TakeVersions(); // of these questions
    }

    /// <summary>Every operation with a token that nobody has.</summary>
    public async Task RefuseTokensAsync()
    {
        foreach (var operation in ControlPlane.Api.Operations.All)
        {
            using var response = await SendAsync(operation.Method, PathOf(operation), "coco_at_made-up", null);
            Assert.True(response.StatusCode is HttpStatusCode.Unauthorized, $"{operation.Id}: {response.StatusCode}");
        }
    }

    public void Dispose()
    {
        _owned.Reverse();
        foreach (var owned in _owned) { owned.Dispose(); }
        FleetKey.Dispose();
        _http.Dispose();
    }
}
