using System.Text;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Sends what changes something twice under one <c>Idempotency-Key</c>, which has to get the same answer, and then something else under it, which has to be refused.</summary>
internal sealed class RepeatingHandler(Contract contract) : ProbeHandler
{
    // They take the caller's access away, which is looked at first: what was answered is not for whoever has none.
    private static readonly string[] Ends = ["deleteApp", "deleteNetwork", "deleteMe", "transferOwnership"];

    private int _keys;

    protected override async Task<HttpResponseMessage> AskAsync(Operation operation, HttpRequestMessage request, byte[]? body)
    {
        if (request.Headers.Authorization is null || !contract.Takes(request.Method.Method, request.RequestUri!.AbsolutePath, "Idempotency-Key")) { return await SendLikeAsync(request, body); }
        var key = ("Idempotency-Key", $"key-{_keys++}");
        var response = await SendLikeAsync(request, body, header: key);
        if (!response.IsSuccessStatusCode) { return response; }
        using var again = await SendLikeAsync(request, body, header: key);
        if (Ends.Contains(operation.Id))
        {
            Assert.True((int)again.StatusCode is 401 or 403 or 404, $"{operation.Id}: {await TextOf(again)}");
            Count(operation);
            return response;
        }
        Assert.Equal((operation.Id, await TextOf(response)), (operation.Id, await TextOf(again)));
        Assert.Equal((operation.Id, response.Headers.ETag, response.Headers.Location), (operation.Id, again.Headers.ETag, again.Headers.Location));
        using var other = await SendLikeAsync(request, [.. body ?? [], .. Encoding.UTF8.GetBytes(body is null ? "{}" : " ")], header: key);
        var refusal = await TextOf(other);
        Assert.True(refusal.StartsWith("422 ", StringComparison.Ordinal) && refusal.Contains("idempotency-key-reused", StringComparison.Ordinal), $"{operation.Id} under a key that is used: {refusal}");
        Count(operation);
        return response;
    }
}
