using System.Net;
using System.Net.Sockets;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>Links that we open.</summary>
internal sealed partial class LinkSet
{
    /// <summary>Opens a TCP link. Answer: <see cref="ILinkSink.Opened"/> or <see cref="ILinkSink.Failed"/>, under the same number.</summary>
    /// <param name="request">The number to answer under.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="fromListeningPort">From the port where TCP links are listened for. When the other end does the same, both get one
    /// link: the packets met half-way, or those of one end came first and found the other's listener.</param>
    public void OpenTcp(int request, NetworkAddress remote, bool fromListeningPort) =>
        Open(request, remote.ToString(), () => OpenTcpAsync(request, remote, fromListeningPort));

    /// <summary>Opens a WebSocket over TLS. Answer as for <see cref="OpenTcp"/>.</summary>
    public void OpenWebSocket(int request, string url) => Open(request, url, () => OpenWebSocketAsync(request, url));

    private void Open(int request, string remote, Func<Task> open)
    {
        if (Interlocked.Increment(ref _opening) > _options.MaxOpening)
        {
            Interlocked.Decrement(ref _opening);
            Fail(request, remote, LinkFailure.Policy, "too many links are being opened");
            return;
        }
        if (TryStart(open)) { return; }
        Interlocked.Decrement(ref _opening);
        Fail(request, remote, LinkFailure.Closed, "the endpoint is closed");
    }

    private async Task OpenTcpAsync(int request, NetworkAddress remote, bool fromListeningPort)
    {
        TcpLink link;
        try
        {
            using var deadline = new CancellationTokenSource(_options.OpenTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            if (!remote.IsSendable) { throw new LinkException(LinkFailure.Unreachable, "that is no address to connect to"); }
            if (await ConnectTcpAsync(request, remote, fromListeningPort, either.Token).ConfigureAwait(false) is not { } socket) { return; }
            link = await GreetAsync(socket, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            FailWith(request, remote.ToString(), exception);
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _opening);
        }
        await RunAsync(link, admission: null, opened => AnnounceOpened(request, opened)).ConfigureAwait(false);
    }

    /// <summary>A connected socket; or null when the other end's connection to us answers the request.</summary>
    private async Task<Socket?> ConnectTcpAsync(int request, NetworkAddress remote, bool fromListeningPort, CancellationToken cancellationToken)
    {
        var socket = _sockets(remote.IsIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        try
        {
            LinkSockets.Tune(socket, _options);
            if (fromListeningPort) { BindToListeningPort(socket, remote); }
            await socket.ConnectAsync(LinkEndPoint.ToEndPoint(remote), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException exception) when (fromListeningPort
            && exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse)
        {
            // This very pair of addresses is connected already: the other end was first.
            socket.Dispose();
            await MeetAsync(request, remote, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void BindToListeningPort(Socket socket, in NetworkAddress remote)
    {
        var port = TcpPort;
        if (port == 0) { return; }
        LinkSockets.SharePort(socket);
        socket.Bind(new IPEndPoint(remote.IsIpv4 ? IPAddress.Any : IPAddress.IPv6Any, port));
    }

    private async Task<TcpLink> GreetAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new CancellationTokenSource(_options.PreambleTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            await TcpLink.SendPreambleAsync(socket, either.Token).ConfigureAwait(false);
            try
            {
                await TcpLink.ReceivePreambleAsync(socket, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
            {
                throw new LinkException(LinkFailure.NotARelay, "connected, and no preamble came in time");
            }
            return new(NextLink(LinkKind.Tcp, (IPEndPoint)socket.RemoteEndPoint!), socket, _options, _sink, _time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void AnnounceOpened(int request, Link link)
    {
        _logger.LinkOpened(link);
        _sink.Opened(request, link);
    }

    private void FailWith(int request, string remote, Exception exception)
    {
        var (failure, detail) = _stopping.IsCancellationRequested
            ? (LinkFailure.Closed, "the endpoint is closed")
            : LinkErrors.Describe(exception);
        Fail(request, remote, failure, detail);
    }
}
