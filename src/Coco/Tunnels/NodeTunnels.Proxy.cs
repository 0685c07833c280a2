using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Tunnels;

/// <content>The proxy: all services of the network by their names.</content>
public sealed partial class NodeTunnels
{
    // Chosen: programs ask at once; what they ask for has a time of its own.
    private static readonly TimeSpan ProxyTime = TimeSpan.FromSeconds(15);

    /// <summary>Serves SOCKS 5 (RFC 1928; TCP and UDP) and HTTP (CONNECT, and requests for http:// addresses) at a local end, for names as <c>service.node.network.coco</c>, such as
    /// <c>web.ada.home.coco</c>. Ports in requests do not matter, and nothing else is reached through it.</summary>
    /// <param name="localEnd">Where: <see cref="TunnelEnd.Tcp(int)"/> with port 0 for any that is free.</param>
    /// <param name="access">Which programs may; with <see cref="LocalAccess.Token"/> those that give the token as the proxy's password.</param>
    /// <exception cref="CocoException">It cannot be listened there, and why.</exception>
    public Task<TunnelProxy> ServeProxyAsync(TunnelEnd localEnd, LocalAccess access = LocalAccess.Token)
    {
        ArgumentNullException.ThrowIfNull(localEnd);
        if (localEnd.Kind is TunnelKind.Udp or TunnelKind.Rtsp) { throw new CocoException(CocoError.Invalid, $"A proxy cannot be served at {localEnd}: it needs a TCP port or a Unix socket."); }
        var gate = new Gate(access, Token, isAskedLater: true);
        gate.Check(localEnd);
        TunnelProxy? proxy = null;
        var local = LocalListener.Open(localEnd, gate, _options, CountersOf(localEnd), (listener, connection) => ServeProxyAsync(listener, connection, access), () => Forget(proxy));
        proxy = new(local);
        Keep(proxy);
        Logger.ProxyOpened(proxy.LocalEnd, access);
        return Task.FromResult(proxy);
    }

    private async Task ServeProxyAsync(LocalListener local, LocalConnection connection, LocalAccess access)
    {
        using var socket = connection.Socket;
        using var conversation = new ProxyConversation(socket, access is LocalAccess.Token ? Token : null);
        if (await ReadAsync(conversation, local.Closing).ConfigureAwait(false) is not { } request)
        {
            local.Counters.AddRefused(TunnelFailures.Refused("A program that spoke neither SOCKS 5 nor HTTP to a proxy, or had not the app's token, was turned away."));
            return;
        }
        if (request.IsDatagrams)
        {
            await AssociateAsync(local, socket, conversation, request, access).ConfigureAwait(false);
            return;
        }
        try
        {
            var (node, service) = ServiceName.Resolve(request.Host, _loop.View, _loop.Network);
            var session = await _sessions.UseAsync(node, local.Closing).ConfigureAwait(false);
            try
            {
                await CarryAsync(local, connection, conversation, session, node, service).ConfigureAwait(false);
            }
            finally
            {
                _sessions.Release(session);
            }
        }
        catch (CocoException exception)
        {
            local.Counters.AddRefused(exception);
            await conversation.RefuseAsync(exception, local.Closing).ConfigureAwait(false);
        }
    }

    // Here the program waits for the answer, as it is told how it went.
    private async Task CarryAsync(LocalListener local, LocalConnection connection, ProxyConversation conversation, TunnelSession session, NodeId node, string service)
    {
        using var activity = TunnelMetrics.Trace(isServed: false, node, service);
        var stream = await AskAsync(session, TunnelRequest.Stream, service, local.Closing).ConfigureAwait(false);
        await WaitForAnswerAsync(stream, node, service, local.Closing).ConfigureAwait(false);
        var splice = new Splice(connection.Socket, stream, local.Counters) { Room = conversation.Room };
        connection.Join(splice);
        try
        {
            await conversation.AcceptAsync().ConfigureAwait(false);
            await conversation.PassOnAsync(stream, local.Closing).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or TransportException or ObjectDisposedException or OperationCanceledException)
        {
            splice.Abort();
        }
        await RunAsync(splice, session.Parts).ConfigureAwait(false);
        Note(local.Counters, splice.Failure, node, service);
        if (splice.Failure is { } failure) { activity.Fail(failure); }
    }

    private async Task AssociateAsync(LocalListener local, Socket control, ProxyConversation conversation, ProxyRequest request, LocalAccess access)
    {
        if (control is not { LocalEndPoint: IPEndPoint here, RemoteEndPoint: IPEndPoint client })
        {
            await conversation.RefuseAsync(new(CocoError.Invalid, "Datagrams need a proxy at a TCP port."), local.Closing).ConfigureAwait(false);
            return;
        }
        using var association = new ProxyAssociation(here.Address, new(client.Address, request.Port), new(access is LocalAccess.Anyone ? access : LocalAccess.SameUser, Token), local.Counters);
        var flows = new ActiveSet(_options.MaxFlows);
        lock (_lock) { _flowSets.Add(flows); }
        try
        {
            await conversation.AcceptAsync(association.LocalEndPoint).ConfigureAwait(false);
            await association.RunAsync(control, (host, flow, stopping) =>
            {
                var (node, service) = ServiceName.Resolve(host, _loop.View, _loop.Network);
                return CarryAsync(flow, local.Counters, flows, node, service, stopping);
            }, flows, local.Closing).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock) { _flowSets.Remove(flows); }
        }
    }

    private async Task<ProxyRequest?> ReadAsync(ProxyConversation conversation, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ProxyTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        return await conversation.ReadAsync(either.Token).ConfigureAwait(false);
    }
}
