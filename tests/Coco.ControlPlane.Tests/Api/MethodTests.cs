using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;

namespace Coco.ControlPlane.Tests.Api;

public sealed class MethodTests
{
    [Theory]
    [InlineData("PATCH", "/v1/apps", "GET, POST")]
    [InlineData("DELETE", "/v1/service", "GET")]
    [InlineData("OPTIONS", "/v1/apps/x", "DELETE, GET, PUT")] // which is no question of a browser
    [InlineData("GET", "/oauth/introspect", "POST")]
    public async Task A_method_that_a_path_does_not_take_is_a_problem_that_names_those_it_takes(string method, string path, string allow)
    {
        await using var plane = await TestPlane.StartAsync();
        using var request = new HttpRequestMessage(new(method), path);

        using var answer = await plane.Http.SendAsync(request);
        var problem = await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Options);

        Assert.Equal((405, Problems.ContentType), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal((405, "urn:coco:problem:method-not-allowed"), (problem!.Status, problem.Type));
        Assert.Equal(allow, string.Join(", ", answer.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }
}
