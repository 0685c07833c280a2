using System.Collections.Concurrent;
using System.Globalization;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Under every client of a test: no answer gets past that the OpenAPI document does not promise.</summary>
internal sealed class ContractHandler : DelegatingHandler
{
    private static Contract? _known; // the document is the same for all control planes of this program

    public ContractHandler(HttpMessageHandler? inner = null) : base(inner ?? new SocketsHttpHandler()) { }

    /// <summary>What was judged: operations by their names, and statuses.</summary>
    public ConcurrentDictionary<(string Operation, string Status), int> Judged { get; } = new();

    private readonly ConcurrentQueue<(Uri Uri, string? Token, string Tag)> _versions = new();

    /// <summary>What was shown with an ETag since the last call: where, to whom, and which.</summary>
    public IReadOnlyList<(Uri Uri, string? Token, string Tag)> TakeVersions()
    {
        var all = new Dictionary<Uri, (Uri, string?, string)>();
        while (_versions.TryDequeue(out var one)) { all[one.Uri] = one; }
        return [.. all.Values];
    }

    /// <summary>The document of the control plane at an address.</summary>
    public async Task<Contract> ContractOfAsync(Uri address, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _known) is { } known) { return known; }
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/openapi/v1.json"));
        using var response = await base.SendAsync(request, cancellationToken);
        var read = new Contract(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        Volatile.Write(ref _known, read);
        return read;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        // A path with a NUL the server refuses before anything of the API sees it.
        if (request.RequestUri!.AbsolutePath is var path && (!path.StartsWith("/v1/", StringComparison.Ordinal) || path.Contains("%00", StringComparison.Ordinal))) { return response; }
        var contract = await ContractOfAsync(request.RequestUri, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var wrong = contract.Judge(request, response, await response.Content.ReadAsStringAsync(cancellationToken));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        if (contract.NameOf(request.Method.Method, request.RequestUri.AbsolutePath) is { } operation)
        {
            Judged.AddOrUpdate((operation, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)), 1, static (_, count) => count + 1);
        }
        if (request.Method == HttpMethod.Get && response is { IsSuccessStatusCode: true, Headers.ETag: { } tag }) { _versions.Enqueue((request.RequestUri, request.Headers.Authorization?.Parameter, tag.ToString())); }
        return response;
    }
}
