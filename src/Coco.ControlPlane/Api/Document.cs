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
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (description, context, _) =>
        {
            var operation = context.Description.ActionDescriptor.EndpointMetadata.OfType<Operation>().Single();
            if (operation.Access is not Access.Anyone)
            {
                description.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = operation.Scope is { } scope ? [scope] : [] }];
            }
            description.Responses ??= [];
            description.Responses["default"] = new OpenApiResponse
            {
                Description = "A problem (RFC 9457).",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference("Problem", context.Document) },
                },
            };
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(static async (document, context, cancellationToken) =>
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(Client.Contracts.Problem), null, cancellationToken);
            document.AddComponent("Problem", schema);
        });
    }
}
