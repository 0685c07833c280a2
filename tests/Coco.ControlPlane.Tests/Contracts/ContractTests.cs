using System.Net;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>The judge can find fault.</summary>
public sealed class ContractTests
{
    private const string Document = """
        { "paths": { "/v1/x/{id}": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/X" } } } } } } } },
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
    [InlineData(404, "application/json", """{ "type": "x" }""", "not as a problem")]
    [InlineData(500, "application/problem+json", """{ }""", "lacks type")]
    public void What_the_document_does_not_promise_is_found(int status, string type, string body, string? wrong)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, System.Text.Encoding.UTF8, type) };

        var found = new Contract(Document).Judge("GET", "/v1/x/7", response, body);

        if (wrong is null) { Assert.Empty(found); }
        else { Assert.Contains(found, one => one.Contains(wrong, StringComparison.Ordinal)); }
    }
}
