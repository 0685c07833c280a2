using System.Net;
using System.Net.Sockets;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>Links that others open to us.</summary>
internal sealed partial class LinkSet
{
    private const int Backlog = 128; // chosen: connections the kernel keeps until they are accepted

    // Chosen: after a failed accept, which is most often a want of file descriptors.
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The port where TCP links are listened for; 0 for nowhere.</summary>
    public int TcpPort { get; private set; }

    /// <summary>Listens for TCP links, and answers at which address and port.</summary>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    public Task<IPEndPoint> ListenTcpAsync(IPEndPoint local)
    {
        var bound = Listen(local, sharePort: true, ServeTcpAsync);
        TcpPort = bound.Port;
        return Task.FromResult(bound);
    }

    private IPEndPoint Listen(IPEndPoint local, bool sharePort, Func<Socket, CancellationToken, Task<ReliableLink>> serve)
    {
        var listener = _sockets(local.AddressFamily);
        try
        {
            if (local.AddressFamily is AddressFamily.InterNetworkV6 && Socket.OSSupportsIPv4) { listener.DualMode = local.Address.Equals(IPAddress.IPv6Any); }
            if (sharePort) { LinkSockets.SharePort(listener); }
            listener.Bind(local);
            listener.Listen(Backlog);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stopped, this);
                _listeners.Add(listener);
            }
            var bound = (IPEndPoint)listener.LocalEndPoint!;
            TryStart(() => AcceptAllAsync(listener, bound, serve));
            return bound;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAllAsync(Socket listener, IPEndPoint local, Func<Socket, CancellationToken, Task<ReliableLink>> serve)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                if (!TryStart(() => ServeAsync(socket, serve))) { socket.Dispose(); }
            }
            catch (SocketException exception) when (!_stopping.IsCancellationRequested)
            {
                _logger.AcceptFailed(local.ToString(), exception.Message);
                await Task.Delay(AcceptPause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket, Func<Socket, CancellationToken, Task<ReliableLink>> serve)
    {
        if (RemoteOf(socket) is not { } remote)
        {
            socket.Dispose(); // gone before we looked
            return;
        }
        var isAdmitted = await ServeAsync(remote, OpenAsync, socket.Dispose).ConfigureAwait(false);
        if (!isAdmitted) { LinkSockets.Reject(socket); }

        Task<ReliableLink> OpenAsync(CancellationToken cancellationToken)
        {
            LinkSockets.Tune(socket, _options);
            return serve(socket, cancellationToken);
        }
    }

    /// <summary>Serves a stranger: within the limits, and no longer than it may take to be known. False where a limit is reached, and nothing was done.</summary>
    private async Task<bool> ServeAsync(IPEndPoint remote, Func<CancellationToken, Task<ReliableLink>> open, Action release)
    {
        using var admission = _admissions.TryAdmit(remote);
        if (admission is null)
        {
            _logger.StrangerTurnedAway(remote.ToString());
            return false;
        }
        using var deadline = new CancellationTokenSource(_options.AuthenticationTimeout, _time);
        ReliableLink link;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            link = await open(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            var (failure, detail) = LinkErrors.Describe(exception);
            _logger.StrangerLeft(remote.ToString(), failure, detail);
            release();
            return true;
        }
        using var expiry = deadline.Token.Register(() =>
        {
            if (!admission.IsAuthenticated) { link.Abort(LinkFailure.Policy, "not authenticated in time"); }
        });
        await RunAsync(link, admission, AnnounceAccepted).ConfigureAwait(false);
        return true;
    }

    private async Task<ReliableLink> ServeTcpAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.PreambleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await TcpLink.ReceivePreambleAsync(socket, either.Token).ConfigureAwait(false);
        await TcpLink.SendPreambleAsync(socket, either.Token).ConfigureAwait(false);
        return new TcpLink(NextLink(LinkKind.Tcp, (IPEndPoint)socket.RemoteEndPoint!), socket, _options, _sink, _time);
    }

    private void AnnounceAccepted(Link link)
    {
        _logger.LinkAccepted(link);
        _sink.Accepted(link);
    }

    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try { return (IPEndPoint?)socket.RemoteEndPoint; }
        catch (SocketException) { return null; }
    }
}
