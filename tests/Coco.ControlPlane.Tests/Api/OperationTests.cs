using System.Net;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Microsoft.OpenApi;

namespace Coco.ControlPlane.Tests.Api;

public sealed class OperationTests
{
    [Fact]
    public async Task Every_operation_of_the_table_has_a_route_and_no_other_has_one()
    {
        await using var plane = await TestPlane.StartAsync();

        Assert.Equal(
            ControlPlane.Api.Operations.All.Select(operation => operation.Id).Order(StringComparer.Ordinal),
            plane.Host.Routes.Mapped.Select(operation => operation.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_scope_that_an_operation_asks_for_is_one_that_apps_can_have() =>
        Assert.Empty(ControlPlane.Api.Operations.All.Where(operation => operation.Scope is { } scope && ControlPlane.Apps.Scopes.Find(scope) is null).Select(operation => operation.Id));

    [Fact]
    public async Task The_document_lists_every_operation()
    {
        await using var plane = await TestPlane.StartAsync();
        using var document = JsonDocument.Parse(await plane.Http.GetStringAsync("/openapi/v1.json"));

        var listed = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => method.Value.GetProperty("operationId").GetString()));

        Assert.Equal(ControlPlane.Api.Operations.All.Select(operation => operation.Id).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_document_is_valid_and_shows_nothing_of_the_inside()
    {
        await using var plane = await TestPlane.StartAsync();
        var text = await plane.Http.GetStringAsync("/openapi/v1.json");
        var read = OpenApiDocument.Parse(text, "json");

        Assert.Empty(read.Diagnostic!.Errors.Concat(read.Diagnostic.Warnings).Select(static wrong => wrong.ToString()));
        Assert.NotEmpty(OpenApiDocument.Parse(text.Replace("\"version\": \"v1\"", "\"x\": 1", StringComparison.Ordinal), "json").Diagnostic!.Errors); // it does look
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        var contracts = typeof(Problem).Assembly.GetTypes().Where(static type => type.Namespace?.StartsWith(typeof(Problem).Namespace!, StringComparison.Ordinal) is true).Select(static type => type.Name.Split('`')[0]).ToHashSet();
        Assert.All(read.Document!.Components!.Schemas!.Keys, name => Assert.True(contracts.Contains(name) || contracts.Contains(name.Split("Of")[^1]), name));
        foreach (var (path, item) in read.Document.Paths)
        {
            foreach (var (method, operation) in item.Operations!)
            {
                var holes = System.Text.RegularExpressions.Regex.Matches(path, @"(?<=\{)[a-z]+", System.Text.RegularExpressions.RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Select(static match => match.Value);
                Assert.Equal(holes, (operation.Parameters ?? []).Where(static parameter => parameter.In is ParameterLocation.Path && parameter.Required).Select(static parameter => parameter.Name!));
                Assert.True(operation.Responses!.Keys.Any(static status => status[0] == '2') && operation.Responses.ContainsKey("default"), $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_a_problem()
    {
        await using var plane = await TestPlane.StartAsync();

        using var response = await plane.SendAsync("GET", "/v1/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(Problems.ContentType, response.Content.Headers.ContentType!.MediaType);
        var problem = JsonSerializer.Deserialize<Problem>(await response.Content.ReadAsStringAsync(), ApiJson.Options)!;
        Assert.Equal("urn:coco:problem:not-found", problem.Type);
    }

    [Fact]
    public async Task A_token_that_does_not_hold_is_an_error_even_where_none_is_needed()
    {
        await using var plane = await TestPlane.StartAsync();

        using var without = await plane.SendAsync("GET", "/v1/service");
        using var wrong = await plane.SendAsync("GET", "/v1/service", "coco_st_made-up");

        Assert.Equal(HttpStatusCode.OK, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("Bearer", wrong.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task It_says_when_it_is_ready()
    {
        await using var plane = await TestPlane.StartAsync();

        Assert.Equal("Healthy", await plane.Http.GetStringAsync("/health/ready"));
        Assert.Equal("Healthy", await plane.Http.GetStringAsync("/health/live"));
    }
}
