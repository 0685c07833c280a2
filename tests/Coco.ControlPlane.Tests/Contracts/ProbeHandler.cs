using System.Text.RegularExpressions;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Below a client that uses operations as they are meant: asks each question in another way, too, and says what is wrong with what comes of that.</summary>
internal abstract class ProbeHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly (Operation Operation, Regex Path)[] Paths =
    [
        .. ControlPlane.Api.Operations.All.OrderBy(static operation => operation.Path.Count(static letter => letter == '{'))
            .Select(static operation => (operation, new Regex("^" + Regex.Replace(operation.Path, @"\{[a-zA-Z]+\}", "[^/]+", RegexOptions.None, TimeSpan.FromSeconds(1)) + "$", RegexOptions.None, TimeSpan.FromSeconds(1)))),
    ];

    private readonly HashSet<string> _probed = [];

    /// <summary>The operations that were asked in that way.</summary>
    public IReadOnlySet<string> Probed => _probed;

    /// <summary>Asks as the client does, and in the other way.</summary>
    /// <returns>What the client gets.</returns>
    protected abstract Task<HttpResponseMessage> AskAsync(Operation operation, HttpRequestMessage request, byte[]? body);

    protected void Count(Operation operation) => _probed.Add(operation.Id);

    protected static async Task<string> TextOf(HttpResponseMessage response) => $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";

    /// <summary>Asks the same with another body, at another address, or with another header.</summary>
    protected async Task<HttpResponseMessage> SendLikeAsync(HttpRequestMessage request, byte[]? body, Uri? uri = null, (string Name, string Value)? header = null)
    {
        using var like = new HttpRequestMessage(request.Method, uri ?? request.RequestUri);
        foreach (var (name, values) in request.Headers.Where(field => field.Key != header?.Name)) { like.Headers.TryAddWithoutValidation(name, values); }
        if (header is { } other) { like.Headers.TryAddWithoutValidation(other.Name, other.Value); }
        if (body is not null)
        {
            like.Content = new ByteArrayContent(body);
            like.Content.Headers.ContentType = request.Content?.Headers.ContentType;
        }
        var response = await base.SendAsync(like, default);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    protected sealed override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var operation = Array.Find(Paths, one => one.Operation.Method == request.Method.Method && one.Path.IsMatch(request.RequestUri!.AbsolutePath)).Operation;
        if (operation is null) { return await base.SendAsync(request, cancellationToken); }
        var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        return await AskAsync(operation, request, body);
    }
}
