using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>A control plane that deceives: a real one behind a hand that changes its answers.</summary>
internal sealed class HostilePlane() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<string> _changed = [];

    /// <summary>Changes the answer to a request; null leaves it.</summary>
    public Func<HttpRequestMessage, JsonNode, JsonNode?> Change { get; set; } = static (_, _) => null;

    /// <summary>Requests whose answers were changed.</summary>
    public IReadOnlyCollection<string> Changed => _changed;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode || text.Length == 0 || Change(request, JsonNode.Parse(text)!) is not { } changed) { return response; }
        _changed.Enqueue($"{request.Method} {request.RequestUri!.AbsolutePath}");
        response.Dispose();
        return new(HttpStatusCode.OK) { Content = new StringContent(changed.ToJsonString(), Encoding.UTF8, "application/json") };
    }
}
