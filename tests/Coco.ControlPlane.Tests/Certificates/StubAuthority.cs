using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Coco.ControlPlane.Tests.Certificates;

/// <summary>An authority without a network, each of whose answers a test may spoil.</summary>
internal sealed class StubAuthority : HttpMessageHandler
{
    private const string Base = "https://authority.example/";

    public const string DirectoryUrl = Base + "directory";

    /// <summary>What is asked, in order, by the last part of the address.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Nonces that were shown.</summary>
    public List<string> Nonces { get; } = [];

    /// <summary>Answers by the last part of the address; what is not here is answered as an authority does that gives everything but the certificate.</summary>
    public Dictionary<string, Func<HttpResponseMessage>> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Whose answers bring no nonce, by the last part of the address.</summary>
    public HashSet<string> WithoutNonce { get; } = new(StringComparer.Ordinal);

    private int _nonce;

    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK, string? location = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (location is not null) { answer.Headers.Location = new(Base + location); }
        return answer;
    }

    public static HttpResponseMessage Problem(string type, string detail, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        Json(new JsonObject { ["type"] = "urn:ietf:params:acme:error:" + type, ["detail"] = detail }.ToJsonString(), status);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var last = request.RequestUri!.Segments[^1];
        Asked.Add(last);
        if (request.Content is { } content)
        {
            var head = JsonNode.Parse(await content.ReadAsStringAsync(cancellationToken))!["protected"]!.GetValue<string>();
            Nonces.Add(JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(head))!["nonce"]!.GetValue<string>());
        }
        var answer = Answers.TryGetValue(last, out var spoilt) ? spoilt() : Usual(last);
        if (!WithoutNonce.Contains(last)) { answer.Headers.TryAddWithoutValidation("Replay-Nonce", $"nonce{++_nonce}"); }
        return answer;
    }

    private static HttpResponseMessage Usual(string last) => last switch
    {
        "directory" => Json($$"""{ "newNonce": "{{Base}}nonce", "newAccount": "{{Base}}account", "newOrder": "{{Base}}order" }"""),
        "nonce" => new(HttpStatusCode.OK),
        "account" => Json("{}", HttpStatusCode.Created, "account/1"),
        "order" => Json($$"""{ "status": "pending", "authorizations": ["{{Base}}authorization"], "finalize": "{{Base}}finalize" }""", HttpStatusCode.Created, "orders/7"),
        "authorization" => Json($$"""{ "status": "valid", "identifier": { "type": "dns", "value": "control.example" } }"""),
        "7" => Json($$"""{ "status": "valid", "certificate": "{{Base}}chain" }"""),
        _ => Json("{}"),
    };
}
