using System.Net.Sockets;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Tunnels;

/// <content>Flows of datagrams: opened for programs of this machine, and served for peers.</content>
public sealed partial class NodeTunnels
{
    private async Task CarryAsync(
        LocalFlow program, TunnelCounters counters, ActiveSet parts, NodeId node, string service, CancellationToken cancellationToken)
    {
        using var activity = TunnelMetrics.Trace(isServed: false, node, service);
        var session = await _sessions.UseAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            var number = session.Flows.NextNumber();
            var stream = await AskAsync(session, TunnelRequest.Datagrams, service, cancellationToken, number).ConfigureAwait(false);
            var flow = new DatagramFlow(session, number, stream, counters, _time, program.Deliver);
            session.Flows.TryAdd(flow);
            try
            {
                await WaitForAnswerAsync(stream, node, service, cancellationToken).ConfigureAwait(false);
                counters.AddConnection();
                Enter(flow, parts, session.Parts); // before anything goes through it
                program.Begin(flow);
                await RunAsync(flow, parts, session.Parts).ConfigureAwait(false);
            }
            finally
            {
                session.Flows.Remove(flow);
            }
        }
        catch (CocoException failure) // the caller's
        {
            activity.Fail(failure);
            throw;
        }
        finally
        {
            _sessions.Release(session);
        }
    }

    /// <summary>Connects to a peer's UDP service, without a local end.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.Denied"/>, <see cref="CocoError.NotOffered"/>, <see cref="CocoError.TargetUnavailable"/> or
    /// <see cref="CocoError.Unreachable"/>, mostly.</exception>
    public async Task<TunnelDatagrams> ConnectDatagramsAsync(NodeId node, string service, CancellationToken cancellationToken = default)
    {
        if (node.IsDefault) { throw new ArgumentException("The node whose service it is is missing.", nameof(node)); }
        Labels.Require(service, "a service");
        var datagrams = new TunnelDatagrams(node, service, new(Logger, $"Datagrams to {service}", isServed: false));
        Keep(datagrams);
        lock (_lock) { _flowSets.Add(datagrams.Parts); }
        datagrams.Start((flow, stopping) => CarryAsync(flow, datagrams.Counters, datagrams.Parts, node, service, stopping), () =>
        {
            lock (_lock) { _flowSets.Remove(datagrams.Parts); }
            Forget(datagrams);
        });
        try
        {
            await datagrams.Agreed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return datagrams;
        }
        catch
        {
            await datagrams.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The same, with the node's name.</summary>
    public Task<TunnelDatagrams> ConnectDatagramsAsync(string node, string service, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        return ConnectDatagramsAsync(Find(node), service, cancellationToken);
    }

    private LocalDatagrams OpenDatagrams(TunnelEnd end, Gate gate, NodeId node, string service, Action closed)
    {
        LocalDatagrams? local = null;
        local = LocalDatagrams.Open(end, gate, _options, CountersOf(end), _time, (port, flow, stopping) => CarryAsync(flow, port.Counters, port.Parts, node, service, stopping), Close);
        lock (_lock) { _flowSets.Add(local.Parts); }
        return local;

        void Close()
        {
            lock (_lock) { _flowSets.Remove(local!.Parts); }
            closed();
        }
    }

    private async Task ServeDatagramsAsync(TunnelSession session, PublishedService service, ConnectionStream stream)
    {
        if (await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false) is not { } number || number > FlowHeader.MaxFlow)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        if (await ConnectAsync(service, stream).ConfigureAwait(false) is not { } socket) { return; }
        using var held = socket;
        socket.Blocking = false;
        var flow = new DatagramFlow(
            session, number, stream, service.Counters, _time, datagram => socket.Send(datagram, SocketFlags.None, out _) == datagram.Length);
        if (!session.Flows.TryAdd(flow))
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        service.Counters.AddConnection();
        using var activity = TunnelMetrics.Trace(isServed: true, session.Connection.PeerId, service.Name);
        var receiving = ReceiveAsync(socket, flow, service.Counters);
        try
        {
            Enter(flow, service.Parts, session.Parts);
            await stream.WriteAsync(new[] { (byte)TunnelAnswer.Bytes }).ConfigureAwait(false);
            await RunAsync(flow, service.Parts, session.Parts).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            flow.Abort(); // before it began
            service.Parts.Remove(flow);
            session.Parts.Remove(flow);
        }
        session.Flows.Remove(flow);
        socket.Dispose();
        await receiving.ConfigureAwait(false);
    }

    private static void Enter(DatagramFlow flow, ActiveSet parts, ActiveSet ofSession)
    {
        // The one that nobody has used for longest makes room, as in a NAT: programs that ask from a new port each time never fill it.
        if (!parts.TryAdd(flow) && !(parts.TryEvict(static part => ((DatagramFlow)part).Idle) && parts.TryAdd(flow))) { flow.Abort(); }
        if (!ofSession.TryAdd(flow)) { flow.Abort(); }
    }

    private static async Task RunAsync(DatagramFlow flow, ActiveSet parts, ActiveSet ofSession)
    {
        await flow.WaitForEndAsync().ConfigureAwait(false);
        parts.Remove(flow);
        ofSession.Remove(flow);
    }

    private static async Task ReceiveAsync(Socket socket, DatagramFlow flow, TunnelCounters counters)
    {
        await FlowSocket.ReceiveAsync(socket, flow, counters).ConfigureAwait(false);
        flow.Abort();
    }

    private void EndIdleFlows()
    {
        bool IsIdle(ITunnelPart part) => part is DatagramFlow flow && flow.Idle >= _options.FlowTimeout;
        foreach (var service in Published) { service.Parts.Abort(IsIdle); }
        ActiveSet[] local;
        lock (_lock) { local = [.. _flowSets]; }
        foreach (var parts in local) { parts.Abort(IsIdle); }
    }
}
