using Coco.Cluster;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;
using Coco.Tunnels.Rtsp;

namespace Coco.Tunnels;

/// <content>Services of other nodes, used here.</content>
public sealed partial class NodeTunnels
{
    // Chosen: what a node may say it offers; more is more than people read.
    private const int MaxOffers = 4096;

    /// <summary>Opens a peer's service at a local end, where any program that may can use it. The peer is not called before one does.</summary>
    /// <param name="node">Whose service.</param>
    /// <param name="service">Its name.</param>
    /// <param name="localEnd">Where: <see cref="TunnelEnd.Tcp(int)"/> with port 0 for any that is free. Whether it is RTSP that goes through a TCP port, the peer
    /// says.</param>
    /// <param name="access">Which programs may.</param>
    /// <exception cref="CocoException">It cannot be listened there, and why.</exception>
    public Task<Tunnel> OpenAsync(NodeId node, string service, TunnelEnd localEnd, LocalAccess access)
    {
        if (node.IsDefault) { throw new ArgumentException("The node whose service it is is missing.", nameof(node)); }
        Labels.Require(service, "a service");
        ArgumentNullException.ThrowIfNull(localEnd);
        if (localEnd.Kind is TunnelKind.Rtsp) { localEnd = TunnelEnd.Tcp(localEnd.Host, localEnd.Port); }
        var gate = new Gate(access, Token);
        gate.Check(localEnd);
        Tunnel? tunnel = null;
        ILocalEnd local = localEnd.IsDatagrams
            ? OpenDatagrams(localEnd, gate, node, service, () => Forget(tunnel))
            : LocalListener.Open(localEnd, gate, _options, CountersOf(localEnd), (listener, connection) => CarryAsync(listener, connection, node, service), () => Forget(tunnel));
        tunnel = new(node, service, local);
        Keep(tunnel);
        Logger.Opened(node, service, local.End, access);
        return Task.FromResult(tunnel);
    }

    /// <summary>The same, with the node's name.</summary>
    public Task<Tunnel> OpenAsync(string node, string service, TunnelEnd localEnd, LocalAccess access)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return OpenAsync(Find(node), service, localEnd, access);
    }

    /// <summary>Connects to a peer's service, without a local end. The stream ends with the peer's connection, each direction for itself. Of an RTSP server it
    /// carries what goes on the connection, interleaved media with it; media as datagrams need a local end.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.Denied"/>, <see cref="CocoError.NotOffered"/>, <see cref="CocoError.TargetUnavailable"/> or
    /// <see cref="CocoError.Unreachable"/>, mostly.</exception>
    public async Task<ConnectionStream> ConnectAsync(NodeId node, string service, CancellationToken cancellationToken = default)
    {
        Labels.Require(service, "a service");
        var stream = await AskAsync(node, TunnelRequest.Stream, service, cancellationToken).ConfigureAwait(false);
        await WaitForAnswerAsync(stream, node, service, cancellationToken).ConfigureAwait(false);
        return stream;
    }

    /// <summary>The same, with the node's name.</summary>
    public Task<ConnectionStream> ConnectAsync(string node, string service, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return ConnectAsync(Find(node), service, cancellationToken);
    }

    /// <summary>What a peer offers to this node: what it would not let this node use is not told.</summary>
    public async Task<IReadOnlyList<TunnelOffer>> ListAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        var stream = await AskAsync(node, TunnelRequest.List, null, cancellationToken).ConfigureAwait(false);
        await using var held = stream.ConfigureAwait(false);
        await WaitForAnswerAsync(stream, node, "list", cancellationToken).ConfigureAwait(false);
        try
        {
            var offers = await OfferList.ReadAsync(stream, MaxOffers, cancellationToken).ConfigureAwait(false);
            return offers ?? throw new CocoException(CocoError.ConnectionClosed, $"{node} sent something that is no list of services. Update the older of the two programs.");
        }
        catch (TransportException exception)
        {
            throw TunnelFailures.Of(exception, node, "list");
        }
    }

    /// <summary>The same, with the node's name.</summary>
    public Task<IReadOnlyList<TunnelOffer>> ListAsync(string node, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return ListAsync(Find(node), cancellationToken);
    }

    private void Keep(IAsyncDisposable opened)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _opened.Add(opened);
                return;
            }
        }
        _loop.Tasks.TryRun(() => opened.DisposeAsync().AsTask());
        throw new ObjectDisposedException(nameof(Node), "The node is disposed.");
    }

    private TunnelCounters CountersOf(TunnelEnd localEnd) => new(Logger, localEnd.ToString(), isServed: false);

    private void Forget(IAsyncDisposable? opened)
    {
        switch (opened)
        {
            case Tunnel tunnel: Logger.Closed(tunnel.LocalEnd); break;
            case TunnelProxy proxy: Logger.Closed(proxy.LocalEnd); break;
            default: break;
        }
        lock (_lock)
        {
            if (opened is not null) { _opened.Remove(opened); }
        }
    }

    // The local program's bytes are on their way with the request: the answer comes before the peer's bytes, and only these wait for it.
    private async Task CarryAsync(LocalListener local, LocalConnection connection, NodeId node, string service)
    {
        using var activity = TunnelMetrics.Trace(isServed: false, node, service);
        var session = await _sessions.UseAsync(node, local.Closing).ConfigureAwait(false);
        try
        {
            var stream = await AskAsync(session, TunnelRequest.Stream, service, local.Closing).ConfigureAwait(false);
            var answer = WaitForAnswerAsync(stream, node, service, local.Closing);
            var splice = await RtspStart.FindPlayerAsync(connection.Socket, answer).ConfigureAwait(false) is { } addresses
                ? RtspSplice.AtPlayer(connection.Socket, addresses, session, stream, local.MediaPorts, local.Counters, _time)
                : new Splice(connection.Socket, stream, local.Counters);
            connection.Join(splice);
            await RunAsync(splice, session.Parts, () => answer).ConfigureAwait(false);
            Note(local.Counters, splice.Failure, node, service);
            if (splice.Failure is { } failure) { activity.Fail(failure); }
        }
        catch (Exception exception) // the caller's
        {
            activity.Fail(exception);
            throw;
        }
        finally
        {
            _sessions.Release(session);
        }
    }

    // A refusal is told on the stream, where the bytes that did not wait for the answer may meet it first.
    private static void Note(TunnelCounters counters, Exception? failure, NodeId node, string service)
    {
        var reason = failure as CocoException ?? (failure is TransportException lost ? TunnelFailures.Of(lost, node, service) : null);
        if (reason is { Code: CocoError.ConnectionClosed }) { counters.Note(reason); }
        else if (reason is not null) { counters.AddRefused(reason); }
    }

    private static async Task RunAsync(Splice splice, ActiveSet parts, Func<Task>? begin = null)
    {
        if (!parts.TryAdd(splice)) { splice.Abort(); }
        try
        {
            await splice.RunAsync(begin).ConfigureAwait(false);
        }
        finally
        {
            parts.Remove(splice);
        }
    }

    private async Task<ConnectionStream> AskAsync(NodeId node, TunnelRequest request, string? service, CancellationToken cancellationToken)
    {
        if (node.IsDefault) { throw new ArgumentException("The node whose service it is is missing.", nameof(node)); }
        var session = await _sessions.UseAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            return await AskAsync(session, request, service, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Release(session); // its streams outlive a session
        }
    }

    private static async Task<ConnectionStream> AskAsync(
        TunnelSession session, TunnelRequest request, string? service, CancellationToken cancellationToken, params ulong[] values)
    {
        var header = StreamHeader.OfTunnel(session.Connection.Number, (ulong)request, service, values);
        return await session.Connection.OpenWithAsync(header, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TunnelAnswer> WaitForAnswerAsync(ConnectionStream stream, NodeId node, string service, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AnswerTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var answer = new byte[1];
            if (await stream.ReadAsync(answer, either.Token).ConfigureAwait(false) == 1) { return (TunnelAnswer)answer[0]; }
            throw new CocoException(CocoError.ConnectionClosed, $"{node} ended the stream without a word. Update the older of the two programs.");
        }
        catch (TransportException exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw TunnelFailures.Of(exception, node, service);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            stream.Abort((ulong)WireError.TunnelReset);
            throw TunnelFailures.Silent(node, service);
        }
        catch
        {
            stream.Abort((ulong)WireError.TunnelReset);
            throw;
        }
    }
}
