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
    /// <param name="newest">Asked at each connection for another in its place; null, or an answer of null, for none.</param>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    public Task<IPEndPoint> ListenWebSocketAsync(IPEndPoint local, X509Certificate2? certificate = null, Func<SslStreamCertificateContext?>? newest = null)
    {
        var own = SslStreamCertificateContext.Create(certificate ?? RelayCertificate.Make(_time.GetUtcNow()), additionalCertificates: null, offline: true);
        return Task.FromResult(Listen(local, sharePort: false, (socket, cancellationToken) => ServeWebSocketAsync(socket, newest?.Invoke() ?? own, cancellationToken)));
    }

    /// <summary>Serves a WebSocket that a server of HTTP in this process was asked for, within the same limits as our own listeners; until it ends.</summary>
    /// <param name="remote">Who asked.</param>
    /// <param name="socket">The TCP socket, to be set as those of links are; null where it is not known.</param>
    /// <param name="upgrade">Answers 101, and gives the stream that follows. Disposing of that ends reads and writes that wait.</param>
    /// <returns>False where a limit is reached: nothing was answered.</returns>
    public async Task<bool> ServeWebSocketAsync(IPEndPoint remote, Socket? socket, Func<CancellationToken, Task<Stream>> upgrade)
    {
        var served = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryStart(RunAsync) && await served.Task.ConfigureAwait(false);

        async Task RunAsync()
        {
            try
            {
                served.SetResult(await ServeAsync(remote, OpenAsync, static () => { }).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                served.SetException(exception);
            }
        }

        async Task<ReliableLink> OpenAsync(CancellationToken cancellationToken)
        {
            if (socket is not null) { LinkSockets.Tune(socket, _options); }
            var stream = await upgrade(cancellationToken).ConfigureAwait(false);
            return WebSocketOver(stream, remote, ServerCreation());
        }
    }

    // Clients ping, as they know of what is between.
    private static WebSocketCreationOptions ServerCreation() => new() { IsServer = true, SubProtocol = WebSocketUpgrade.Subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan };

    private async Task<ReliableLink> ServeWebSocketAsync(Socket socket, SslStreamCertificateContext certificate, CancellationToken cancellationToken)
    {
        var tls = new SslServerAuthenticationOptions { ServerCertificateContext = certificate, ApplicationProtocols = [SslApplicationProtocol.Http11], AllowRenegotiation = false };
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await SecureAsync(stream.AuthenticateAsServerAsync(tls, cancellationToken)).ConfigureAwait(false);
            await WebSocketUpgrade.AnswerAsync(stream, RelayUrl.DefaultPath, cancellationToken).ConfigureAwait(false);
            return WebSocketOver(stream, RemoteOf(socket) ?? throw new LinkException(LinkFailure.Reset, "gone before it was served"), ServerCreation());
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
            return WebSocketOver(stream, (IPEndPoint)socket.RemoteEndPoint!, new()
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

    private WebSocketLink WebSocketOver(Stream stream, IPEndPoint remote, WebSocketCreationOptions creation)
    {
        var batching = new BatchingStream(stream);
        return new(NextLink(LinkKind.WebSocket, remote), WebSocket.CreateFromStream(batching, creation), batching, _options, _sink, _time);
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
