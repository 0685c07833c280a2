using System.Net;
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

    /// <summary>What breaks the contract, a sentence each.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">Its path, without a query.</param>
    /// <param name="response">The answer.</param>
    /// <param name="body">The answer's body.</param>
    public IReadOnlyList<string> Judge(string method, string path, HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        if (Find(method, path) is not { } operation) { return []; }
        if (status >= 400)
        {
            return type != "application/problem+json"
                ? [$"{method} {path} answers {status} as {type ?? "nothing"}, not as a problem: {body}"]
                : [.. Schema.Check(_document, _document.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), Parse(body), "problem")];
        }
        if (response.StatusCode is HttpStatusCode.NotModified) { return body.Length == 0 ? [] : ["304 has a body"]; }
        if (!operation.GetProperty("responses").TryGetProperty(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), out var promised))
        {
            return [$"{method} {path} answers {status}, which the document does not promise"];
        }
        if (!promised.TryGetProperty("content", out var content)) { return body.Length == 0 ? [] : [$"{method} {path} answers {status} with a body that the document does not promise"]; }
        if (type is null || !content.TryGetProperty(type, out var media)) { return [$"{method} {path} answers as {type ?? "nothing"}, which the document does not promise"]; }
        return [.. Schema.Check(_document, media.GetProperty("schema"), Parse(body), "body").Select(wrong => $"{method} {path}: {wrong}")];
    }

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
