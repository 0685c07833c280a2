using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.PortMapping;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.PortMapping;

/// <summary>
/// Makes the HTTP requests of a <see cref="PortMapper"/>: to the address it names and nowhere else (no names, no proxy, no
/// redirection), from the address that is to be mapped, within a time and a size.
/// </summary>
internal sealed class MapperHttp : IDisposable
{
    private static readonly HttpRequestOptionsKey<NetworkAddress> LocalKey = new("local");

    private readonly PortMappingOptions _options;
    private readonly ILogger _logger;
    private readonly HttpClient _client;

    public MapperHttp(PortMappingOptions options, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16, // KiB
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // ours covers the body as well
        };
    }

    /// <summary>Asks, and answers the status and at most one byte more than the core wants to see; status 0 for no answer.</summary>
    public async Task<(int Status, byte[] Body)> SendAsync(MapperRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.HttpTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (!Uri.TryCreate($"http://{request.Server}{request.Path}", UriKind.Absolute, out var uri)) { return (0, []); }
            using var message = MessageFor(request, uri);
            using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            var buffer = new byte[_options.Mapper.MaxHttpBody + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, either.Token).ConfigureAwait(false);
            return ((int)response.StatusCode, buffer[..length]);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            PortMappingLog.RequestFailed(_logger, request.Server, exception.Message);
            return (0, []);
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage MessageFor(MapperRequest request, Uri uri)
    {
        var message = new HttpRequestMessage(request.SoapAction is null ? HttpMethod.Get : HttpMethod.Post, uri);
        message.Options.Set(LocalKey, request.Local);
        message.Headers.ConnectionClose = true; // small servers have few connections to give
        if (request.SoapAction is null) { return message; }
        message.Headers.TryAddWithoutValidation("SOAPAction", request.SoapAction);
        message.Content = new StringContent(request.Body, Encoding.UTF8, "text/xml");
        return message;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // The host is a literal that the core has judged; anything else is not connected to.
        if (!IPAddress.TryParse(context.DnsEndPoint.Host, out var server) || !context.InitialRequestMessage.Options.TryGetValue(LocalKey, out var local))
        {
            throw new HttpRequestException("The request names no address.");
        }
        var socket = _options.CreateSocket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            socket.Bind(local.WithPort(0).ToIPEndPoint()); // routers map only for whoever asks
            await socket.ConnectAsync(new IPEndPoint(server, context.DnsEndPoint.Port), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
