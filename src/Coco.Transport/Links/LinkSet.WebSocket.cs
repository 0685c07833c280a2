using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>WebSockets over TLS, from both ends.</summary>
internal sealed partial class LinkSet
{
    /// <summary>Listens for WebSockets over TLS on the path <c>/coco</c>, and answers at which address and port.</summary>
    /// <param name="local">Where.</param>
    /// <param name="certificate">With its private key; null for one that is made now and signed by itself. Nobody of ours verifies it.</param>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    public Task<IPEndPoint> ListenWebSocketAsync(IPEndPoint local, X509Certificate2? certificate = null)
    {
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                certificate ?? RelayCertificate.Make(_time.GetUtcNow()), additionalCertificates: null, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
        return Task.FromResult(Listen(local, sharePort: false, (socket, cancellationToken) => ServeWebSocketAsync(socket, tls, cancellationToken)));
    }

    private async Task<ReliableLink> ServeWebSocketAsync(Socket socket, SslServerAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await SecureAsync(stream.AuthenticateAsServerAsync(tls, cancellationToken)).ConfigureAwait(false);
            await WebSocketUpgrade.AnswerAsync(stream, RelayUrl.DefaultPath, cancellationToken).ConfigureAwait(false);
            return WebSocketOver(stream, socket, new()
            {
                IsServer = true, SubProtocol = WebSocketUpgrade.Subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan,
            });
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task OpenWebSocketAsync(int request, string url)
    {
        WebSocketLink link;
        try
        {
            using var deadline = new CancellationTokenSource(_options.OpenTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            if (!RelayUrl.TryParse(url, out var relay)) { throw new LinkException(LinkFailure.Unreachable, "that is no wss: address"); }
            var socket = await ConnectToRelayAsync(relay, either.Token).ConfigureAwait(false);
            link = await UpgradeAsync(socket, relay, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            FailWith(request, url, exception);
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _opening);
        }
        await RunAsync(link, admission: null, opened => AnnounceOpened(request, opened)).ConfigureAwait(false);
    }

    /// <summary>A connection that ends at the relay, through a proxy where there is one.</summary>
    private async Task<Socket> ConnectToRelayAsync(Uri relay, CancellationToken cancellationToken)
    {
        if (!_options.Proxy.TryFind(relay, out var proxy, out var credentials))
        {
            return await HostConnector.ConnectAsync(_sockets, relay.IdnHost, relay.PortOrDefault(), _time, cancellationToken).ConfigureAwait(false);
        }
        if (proxy.Scheme != Uri.UriSchemeHttp) { throw new LinkException(LinkFailure.ProxyRefused, $"proxies of kind {proxy.Scheme} are not supported"); }

        Socket socket;
        try
        {
            socket = await HostConnector.ConnectAsync(_sockets, proxy.IdnHost, proxy.Port, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw new LinkException(LinkFailure.ProxyRefused, $"proxy {proxy.Authority}: {exception.Message}", exception);
        }
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: false);
            await HttpTunnel.OpenAsync(stream, relay, credentials, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<WebSocketLink> UpgradeAsync(Socket socket, Uri relay, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            LinkSockets.Tune(socket, _options);
            var tls = new SslClientAuthenticationOptions
            {
                TargetHost = relay.IdnHost,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
                // Any certificate will do. TLS is here because networks let it pass, and secures nothing: inside, the relay proves its
                // NodeId in a QUIC handshake, and whoever opens this TLS, such as a company's proxy, finds QUIC packets.
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            };
            await SecureAsync(stream.AuthenticateAsClientAsync(tls, cancellationToken)).ConfigureAwait(false);
            await WebSocketUpgrade.AskAsync(stream, relay, cancellationToken).ConfigureAwait(false);
            return WebSocketOver(stream, socket, new()
            {
                SubProtocol = WebSocketUpgrade.Subprotocol, KeepAliveInterval = _options.PingInterval, KeepAliveTimeout = _options.DeadAfter,
            });
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private WebSocketLink WebSocketOver(Stream stream, Socket socket, WebSocketCreationOptions creation)
    {
        var batching = new BatchingStream(stream);
        return new(NextLink(LinkKind.WebSocket, socket), WebSocket.CreateFromStream(batching, creation), batching, _options, _sink, _time);
    }

    /// <summary>A connection that breaks while TLS is set up was most often cut by somebody who does not like what it saw.</summary>
    private static async Task SecureAsync(Task handshake)
    {
        try
        {
            await handshake.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            throw new LinkException(LinkFailure.TlsFailed, exception.InnerException?.Message ?? exception.Message, exception);
        }
    }
}
