using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Coco.ControlPlane.Api;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>: made from the operations and contracts, with what holds for all of them added.</summary>
internal static class Document
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static description => description.ActionDescriptor.EndpointMetadata.OfType<Operation>().Any();
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new() { Title = "Coco control plane", Version = "v1", Description = "Carries what its callers signed, and can forge nothing of it." };
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            };
            document.Components.Schemas?.Remove(nameof(Answer)); // how handlers hand answers on, not what is sent
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (description, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            var (operation, promise) = (metadata.OfType<Operation>().Single(), metadata.OfType<Promise>().Single());
            if (operation.Access is not Access.Anyone)
            {
                description.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = operation.Scope is { } scope ? [scope] : [] }];
            }
            description.Parameters = [.. description.Parameters ?? [], .. ParametersOf(operation, promise)];
            description.Responses = ResponsesOf(description, operation, promise, context.Document);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(static async (document, context, cancellationToken) =>
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(Client.Contracts.Problem), null, cancellationToken);
            document.AddComponent("Problem", schema);
        });
    }

    private static IEnumerable<IOpenApiParameter> ParametersOf(Operation operation, Promise promise)
    {
        if (promise.HasPages)
        {
            yield return Parameter(ParameterLocation.Query, "cursor", "Where to go on: what the page before gave as next. None for the beginning.");
            yield return new OpenApiParameter
            {
                In = ParameterLocation.Query,
                Name = "limit",
                Description = $"How many items at most; {Cursor.DefaultLimit} by default.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = $"{Cursor.MaxLimit}" },
            };
        }
        if (promise.HasMemory)
        {
            yield return Parameter(ParameterLocation.Header, "Idempotency-Key", $"1 to {ApiWriter.MaxKey} visible ASCII characters. The same request under the same key gets the same answer for {ApiWriter.Memory.TotalHours} h, and changes nothing again; whoever may not ask any more, as what was asked about is gone, is told so.");
        }
        if (operation.TakesStatement) { yield return Parameter(ParameterLocation.Header, Networks.NodeOperations.StatementHeader, "The signed revocation, in base64url.", isRequired: true); }
        if (operation.RequiresVersion is { } isRequired) { yield return Parameter(ParameterLocation.Header, "If-Match", "The ETag that was seen; what has another by now is left as it is (412).", isRequired); }
        if (operation is { ShowsVersion: true, Method: "GET" }) { yield return Parameter(ParameterLocation.Header, "If-None-Match", "The ETag that the caller has; 304 where it is the newest."); }
    }

    private static OpenApiParameter Parameter(ParameterLocation place, string name, string description, bool isRequired = false) =>
        new() { In = place, Name = name, Description = description, Required = isRequired, Schema = Text };

    private static OpenApiResponses ResponsesOf(OpenApiOperation description, Operation operation, Promise promise, OpenApiDocument? document)
    {
        var responses = new OpenApiResponses();
        foreach (var status in promise.Statuses)
        {
            // What the return types of handlers look like to the generator besides is no answer.
            var response = (OpenApiResponse)description.Responses![$"{status}"];
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            if (operation.ShowsVersion) { response.Headers["ETag"] = ETag; }
            if (status == StatusCodes.Status201Created && operation.HasLocation) { response.Headers["Location"] = Header("Where what was made is, from the root."); }
            responses.Add($"{status}", response);
        }
        if (operation is { ShowsVersion: true, Method: "GET" }) { responses.Add("304", new OpenApiResponse { Description = "The caller has the newest.", Headers = Headers("ETag", ETag) }); }
        // Also of those that need none: a token that does not hold is never passed over.
        responses.Add("401", Problem("No token, or one that does not hold (RFC 6750), or wrong credentials.", document, Headers("WWW-Authenticate", Header("How to authenticate (RFC 9110 §11.6.1)."))));
        if (operation.RequiresVersion is not null) { responses.Add("412", Problem("It has changed since the ETag was given.", document)); }
        if (operation.RequiresVersion is true) { responses.Add("428", Problem("If-Match is missing (RFC 6585).", document)); }
        responses.Add("429", Problem("Too many requests (RFC 6585).", document, Headers("Retry-After", Header("Seconds to wait."))));
        foreach (var status in RefusalsOf(operation, promise, takesBody: description.RequestBody is not null).Select(static status => $"{status}").Where(status => !responses.ContainsKey(status)))
        {
            responses.Add(status, Problem(Problems.TitleOf(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)) + ".", document));
        }
        // What the caller can do nothing about: 500, 503 and 507, of which some say how long to wait.
        responses.Add("default", Problem("A problem of the control plane (RFC 9457).", document, Headers("Retry-After", Header("Seconds to wait, where waiting helps.", isRequired: false))));
        return responses;
    }

    // What the caller can do something about. Which there are is tested: no other was answered in any test.
    private static IEnumerable<int> RefusalsOf(Operation operation, Promise promise, bool takesBody)
    {
        yield return 400; // a cursor, an id, a header or a member that cannot be read
        if (operation.Access is not Access.Anyone) { yield return 403; }
        if (operation.Path.Contains('{', StringComparison.Ordinal)) { yield return 404; }
        if (takesBody)
        {
            yield return 413;
            yield return 415;
        }
        if (promise.HasMemory || operation.TakesStatement) { yield return 422; } // a key of another request, or a statement that does not hold
        foreach (var status in operation.Refuses) { yield return status; }
    }

    private static OpenApiResponse Problem(string description, OpenApiDocument? document, Dictionary<string, IOpenApiHeader>? headers = null) => new()
    {
        Description = description,
        Headers = headers,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference("Problem", document) } },
    };

    private static OpenApiHeader ETag => Header("The version of what is shown (RFC 9110 §8.8.3).");

    private static OpenApiHeader Header(string description, bool isRequired = true) => new() { Description = description, Required = isRequired, Schema = Text };

    private static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    private static Dictionary<string, IOpenApiHeader> Headers(string name, IOpenApiHeader header) => new(StringComparer.Ordinal) { [name] = header };
}
