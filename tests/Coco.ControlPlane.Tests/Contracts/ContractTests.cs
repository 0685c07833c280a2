using System.Net;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>The judge can find fault.</summary>
public sealed class ContractTests
{
    private const string Document = """
        { "paths": { "/v1/x/{id}": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/X" } } } }, "404": {}, "default": {} },
          "operationId": "getX", "parameters": [{ "in": "query", "name": "limit" }] }, "put": { "responses": { "204": { "headers": { "ETag": { "required": true } } } }, "operationId": "putX",
          "parameters": [{ "in": "header", "name": "If-Match", "required": true }] } } },
          "components": { "schemas": { "X": { "type": "object", "required": ["a"], "properties": { "a": { "type": ["null", "string"] }, "b": { "type": "array", "items": { "type": "integer" } } } },
                                       "Problem": { "type": "object", "required": ["type"], "properties": { "type": { "type": "string" } } } } } }
        """;

    [Theory]
    [InlineData(200, "application/json", """{ "a": "x" }""", null)]
    [InlineData(200, "application/json", """{ "a": null, "b": [1, 2] }""", null)]
    [InlineData(200, "application/json", """{ "b": [] }""", "lacks a")]
    [InlineData(200, "application/json", """{ "a": 1 }""", "body.a is Number")]
    [InlineData(200, "application/json", """{ "a": "x", "b": [1, "y"] }""", "body.b[1] is String")]
    [InlineData(200, "application/json", """{ "a": "x", "secret": 1 }""", "does not name")]
    [InlineData(201, "application/json", """{ "a": "x" }""", "does not promise")]
    [InlineData(200, "text/plain", """{ "a": "x" }""", "does not promise")]
    [InlineData(404, "application/problem+json", """{ "type": "x" }""", null)]
    [InlineData(404, "application/json", """{ "type": "x" }""", "not a problem")]
    [InlineData(409, "application/problem+json", """{ "type": "x" }""", "does not promise")]
    [InlineData(500, "application/problem+json", """{ }""", "lacks type")]
    public void What_the_document_does_not_promise_is_found(int status, string type, string body, string? wrong)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, System.Text.Encoding.UTF8, type) };

        var found = Judge("GET", "/v1/x/7", response, body);

        if (wrong is null) { Assert.Empty(found); }
        else { Assert.Contains(found, one => one.Contains(wrong, StringComparison.Ordinal)); }
    }

    [Theory]
    [InlineData("GET", "/v1/x/7?limit=3", 200, "", "", null)]
    [InlineData("GET", "/v1/x/7?cursor=a", 200, "", "", "parameter cursor")]
    [InlineData("GET", "/v1/x/7", 200, "If-None-Match", "", "header If-None-Match was taken")]
    [InlineData("GET", "/v1/x/7", 200, "", "ETag", "header ETag that the document does not promise")]
    [InlineData("PUT", "/v1/x/7", 204, "If-Match", "ETag", null)]
    [InlineData("PUT", "/v1/x/7", 204, "If-Match", "", "no header ETag")]
    [InlineData("PUT", "/v1/x/7", 204, "", "ETag", "without If-Match")]
    public void Headers_and_parameters_that_the_document_does_not_know_are_found(string method, string path, int status, string asked, string answered, string? wrong)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(status == 200 ? """{ "a": "x" }""" : "", System.Text.Encoding.UTF8, "application/json") };
        if (answered.Length > 0) { response.Headers.TryAddWithoutValidation(answered, "\"1\""); }

        var found = Judge(method, path, response, status == 200 ? """{ "a": "x" }""" : "", asked);

        if (wrong is null) { Assert.Empty(found); }
        else { Assert.Contains(found, one => one.Contains(wrong, StringComparison.Ordinal)); }
    }

    [Fact]
    public void What_is_declared_is_known() => Assert.Equal([("getX", "200"), ("getX", "404"), ("getX", "default"), ("putX", "204")], new Contract(Document).Declared);

    private static IReadOnlyList<string> Judge(string method, string path, HttpResponseMessage response, string body, string header = "")
    {
        using var request = new HttpRequestMessage(new(method), "http://control.example" + path);
        if (header.Length > 0) { request.Headers.TryAddWithoutValidation(header, "\"1\""); }
        return new Contract(Document).Judge(request, response, body);
    }
}
