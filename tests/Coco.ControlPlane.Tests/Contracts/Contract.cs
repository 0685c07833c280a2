using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>The OpenAPI document as a judge: whether an answer is one that the document promises. Every answer in every test goes past it.</summary>
internal sealed class Contract
{
    private readonly JsonElement _document;
    private readonly List<(Regex Path, string Template, JsonElement Methods)> _paths = [];

    public Contract(string document)
    {
        _document = JsonDocument.Parse(document).RootElement;
        foreach (var path in _document.GetProperty("paths").EnumerateObject())
        {
            var pattern = "^" + Regex.Replace(Regex.Escape(path.Name), @"\\\{[^}]+\}", "[^/]+", RegexOptions.None, TimeSpan.FromSeconds(1)) + "$";
            _paths.Add((new(pattern, RegexOptions.None, TimeSpan.FromSeconds(1)), path.Name, path.Value));
        }
        // /v1/me before /v1/{x}: fewer holes first.
        _paths.Sort(static (a, b) => a.Template.Count(c => c == '{').CompareTo(b.Template.Count(c => c == '{')));
    }

    /// <summary>All that the document declares: operations by their names, and statuses, <c>default</c> among them.</summary>
    public IEnumerable<(string Operation, string Status)> Declared =>
        from path in _paths
        from method in path.Methods.EnumerateObject()
        from response in method.Value.GetProperty("responses").EnumerateObject()
        select (NameOf(method.Value), response.Name);

    /// <summary>An operation's name in the document; null where it has none at this path.</summary>
    public string? NameOf(string method, string path) => Find(method, path) is { } operation ? NameOf(operation) : null;

    /// <summary>Whether the document says that an operation looks at a header.</summary>
    public bool Takes(string method, string path, string header) =>
        Find(method, path) is { } operation && operation.TryGetProperty("parameters", out var parameters)
        && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("in").GetString() == "header" && parameter.GetProperty("name").GetString() == header);

    /// <summary>Whether the document says that an operation takes a body.</summary>
    public bool TakesBody(string method, string path) => Find(method, path) is { } operation && operation.TryGetProperty("requestBody", out _);

    /// <summary>What breaks the contract, a sentence each.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The answer.</param>
    /// <param name="body">The answer's body.</param>
    public IReadOnlyList<string> Judge(HttpRequestMessage request, HttpResponseMessage response, string body)
    {
        var (method, path) = (request.Method.Method, PathOf(request));
        return Find(method, path) is not { } operation
            ? []
            : [.. JudgeAnswer(operation, response, body).Concat(JudgeHeaders(operation, response)).Concat(JudgeRequest(operation, request, response)).Select(wrong => $"{method} {path} answers {(int)response.StatusCode}: {wrong}")];
    }

    private IEnumerable<string> JudgeAnswer(JsonElement operation, HttpResponseMessage response, string body)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        var promised = PromisedOf(operation, response);
        if ((int)response.StatusCode >= 400)
        {
            if (promised.ValueKind is JsonValueKind.Undefined) { return [$"the document does not promise it: {body}"]; }
            return type != "application/problem+json"
                ? [$"{type ?? "nothing"}, not a problem: {body}"]
                : Schema.Check(_document, _document.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), Parse(body), "problem");
        }
        if (promised.ValueKind is JsonValueKind.Undefined) { return ["the document does not promise it"]; }
        if (!promised.TryGetProperty("content", out var content)) { return body.Length == 0 ? [] : ["a body that the document does not promise"]; }
        return type is null || !content.TryGetProperty(type, out var media)
            ? [$"{type ?? "nothing"}, which the document does not promise"]
            : Schema.Check(_document, media.GetProperty("schema"), Parse(body), "body");
    }

    // The status itself where it is declared. The default is for what no caller can do anything about.
    private static JsonElement PromisedOf(JsonElement operation, HttpResponseMessage response)
    {
        var responses = operation.GetProperty("responses");
        var status = (int)response.StatusCode;
        return responses.TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var promised) || (status >= 500 && responses.TryGetProperty("default", out promised)) ? promised : default;
    }

    private static IEnumerable<string> JudgeHeaders(JsonElement operation, HttpResponseMessage response)
    {
        var promised = PromisedOf(operation, response);
        if (promised.ValueKind is JsonValueKind.Undefined) { yield break; }
        var has = promised.TryGetProperty("headers", out var headers);
        foreach (var name in (string[])["ETag", "Location", "Retry-After", "WWW-Authenticate"])
        {
            var isThere = response.Headers.Contains(name);
            var header = default(JsonElement);
            var isDeclared = has && headers.TryGetProperty(name, out header);
            if (isThere && !isDeclared) { yield return $"a header {name} that the document does not promise"; }
            if (!isThere && isDeclared && header.TryGetProperty("required", out var required) && required.GetBoolean()) { yield return $"no header {name}, which the document promises"; }
        }
    }

    // What a request needed to be taken, the document has to say.
    private static IEnumerable<string> JudgeRequest(JsonElement operation, HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode >= 400) { yield break; }
        var known = operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Select(parameter => (Place: parameter.GetProperty("in").GetString()!, Name: parameter.GetProperty("name").GetString()!, IsRequired: parameter.TryGetProperty("required", out var required) && required.GetBoolean())).ToArray()
            : [];
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(request.RequestUri!.IsAbsoluteUri ? request.RequestUri.Query : "").Keys;
        foreach (var name in query.Where(name => !known.Any(one => one.Place == "query" && one.Name == name))) { yield return $"a parameter {name} was taken that the document does not know"; }
        foreach (var name in ((string[])["Coco-Statement", "If-Match", "If-None-Match"]).Where(name => request.Headers.Contains(name) && !known.Any(one => one.Place == "header" && one.Name == name)))
        {
            yield return $"a header {name} was taken that the document does not know";
        }
        foreach (var (_, name, _) in known.Where(one => one.Place == "header" && one.IsRequired && !request.Headers.Contains(one.Name))) { yield return $"it was taken without {name}, which the document requires"; }
    }

    private static string PathOf(HttpRequestMessage request) => request.RequestUri!.IsAbsoluteUri ? request.RequestUri.AbsolutePath : request.RequestUri.OriginalString.Split('?')[0];

    private static string NameOf(JsonElement operation) => operation.GetProperty("operationId").GetString()!;

    private static JsonElement Parse(string body) => JsonDocument.Parse(body).RootElement;

    private JsonElement? Find(string method, string path)
    {
        foreach (var (pattern, _, methods) in _paths)
        {
            if (pattern.IsMatch(path) && methods.TryGetProperty(method.ToLowerInvariant(), out var operation)) { return operation; }
        }
        return null;
    }
}
