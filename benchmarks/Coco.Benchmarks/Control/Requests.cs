using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.Benchmarks.Control;

/// <summary>Requests of many people, to the instances in turn.</summary>
internal sealed class Requests(IReadOnlyList<HttpClient> instances, IReadOnlyList<Person> people)
{
    private readonly string _run = Guid.NewGuid().ToString("n");

    /// <summary>GET /v1/me: a token and a row are read.</summary>
    public Task<bool> ReadAsync(int number, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, "/v1/me", number, null, cancellationToken);

    /// <summary>POST /v1/apps under an Idempotency-Key: what is answered is on disk, with the answer.</summary>
    public Task<bool> WriteAsync(int number, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/v1/apps", number, new($"app {number.ToString(CultureInfo.InvariantCulture)}", AppKind.Service, [], ["networks:read"]), cancellationToken);

    private async Task<bool> SendAsync(HttpMethod method, string path, int number, AppDefinition? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", people[number % people.Count].Token);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: ApiJson.Options);
            request.Headers.Add("Idempotency-Key", $"{_run}-{number.ToString(CultureInfo.InvariantCulture)}");
        }
        using var answer = await instances[number % instances.Count].SendAsync(request, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable) { return false; }
        if (!answer.IsSuccessStatusCode) { throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}"); }
        return true;
    }
}
