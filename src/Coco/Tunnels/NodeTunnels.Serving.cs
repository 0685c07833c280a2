using System.Net.Sockets;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;
using Coco.Tunnels.Rtsp;

namespace Coco.Tunnels;

/// <content>This node's services, used by others.</content>
public sealed partial class NodeTunnels
{
    private readonly Dictionary<NodeConnection, TunnelSession> _served = []; // under the lock

    // A stream that a peer opened, up to its end.
    private async Task ServeAsync(NodeConnection connection, ConnectionStream stream)
    {
        if (!stream.CanWrite)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        var session = Serve(connection);
        var request = (TunnelRequest?)await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        if (request is TunnelRequest.List)
        {
            await TellAsync(connection.PeerId, stream).ConfigureAwait(false);
            return;
        }
        var name = request is TunnelRequest.Stream or TunnelRequest.Datagrams ? await StreamHeader.ReadServiceAsync(stream, default).ConfigureAwait(false) : null;
        if (name is null)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        // The policy first: who may not use a service is not told whether it is there.
        if (!await _loop.DecideServiceAsync(connection.PeerId, name).ConfigureAwait(false))
        {
            stream.Abort((ulong)WireError.Denied);
            return;
        }
        if (Find(name, request is TunnelRequest.Datagrams) is not { } service)
        {
            stream.Abort((ulong)WireError.NotOffered);
            return;
        }
        if (service.Access is { } access && !access.Allows(connection.PeerId, await RoleOfAsync(connection.PeerId).ConfigureAwait(false)))
        {
            service.Counters.AddRefused(TunnelFailures.Refused($"{connection.PeerId} is not among those that may use {name}."));
            stream.Abort((ulong)WireError.Denied);
            return;
        }
        if (request is TunnelRequest.Datagrams) { await ServeDatagramsAsync(session, service, stream).ConfigureAwait(false); }
        else { await ServeStreamAsync(session, service, stream).ConfigureAwait(false); }
    }

    private async Task ServeStreamAsync(TunnelSession session, PublishedService service, ConnectionStream stream)
    {
        if (await ConnectAsync(service, stream).ConfigureAwait(false) is not { } socket) { return; }
        if (MakeSplice(session, service, stream, socket) is not { } splice) { return; }
        if (!service.Parts.TryAdd(splice))
        {
            service.Counters.AddRefused(new(CocoError.Overloaded, $"{service.Name} serves no more connections at once. Allow more in {nameof(TunnelOptions)}."));
            stream.Abort((ulong)WireError.TooMany);
            Splice.Reset(socket);
            return;
        }
        service.Counters.AddConnection();
        using var activity = TunnelMetrics.Trace(isServed: true, session.Connection.PeerId, service.Name);
        try
        {
            await stream.WriteAsync(new[] { (byte)(splice is RtspSplice ? TunnelAnswer.Rtsp : TunnelAnswer.Bytes) }).ConfigureAwait(false);
            await RunAsync(splice, session.Parts).ConfigureAwait(false);
            if (splice.Failure is { } failure) { activity.Fail(failure); }
            if (splice.Failure is CocoException reason) { service.Counters.Note(reason); }
        }
        catch (TransportException)
        {
            splice.Abort(); // before anything was carried
        }
        finally
        {
            service.Parts.Remove(splice);
        }
    }

    private Splice? MakeSplice(TunnelSession session, PublishedService service, ConnectionStream stream, Socket socket)
    {
        try
        {
            return service.Target.Kind is TunnelKind.Rtsp ? RtspSplice.AtServer(socket, session, stream, service, _time) : new Splice(socket, stream, service.Counters);
        }
        catch (SocketException exception)
        {
            service.Counters.AddRefused(TunnelFailures.Target(service.Target, exception.Message));
            stream.Abort((ulong)WireError.TargetUnavailable);
            socket.Dispose();
            return null;
        }
    }

    private async Task<Socket?> ConnectAsync(PublishedService service, ConnectionStream stream)
    {
        try
        {
            return await TargetSocket.ConnectAsync(service.Target, _options.TargetTimeout).ConfigureAwait(false);
        }
        catch (CocoException exception)
        {
            service.Counters.AddRefused(exception);
            stream.Abort((ulong)WireError.TargetUnavailable);
            return null;
        }
    }

    private async Task TellAsync(NodeId peer, ConnectionStream stream)
    {
        var role = await RoleOfAsync(peer).ConfigureAwait(false);
        var offers = new List<TunnelOffer>();
        foreach (var service in Published)
        {
            if (await MayUseAsync(peer, role, service).ConfigureAwait(false)) { offers.Add(new(service.Name, service.Target.IsDatagrams) { IsRtsp = service.Target.Kind is TunnelKind.Rtsp }); }
        }
        await stream.WriteAsync(OfferList.Encode(offers)).ConfigureAwait(false);
        await stream.CompleteWritesAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private PublishedService? Find(string name, bool isDatagrams)
    {
        lock (_lock) { return _published.GetValueOrDefault(name) is { } service && service.Target.IsDatagrams == isDatagrams ? service : null; }
    }

    // A policy or role that has changed holds for what is open too.
    private async Task RecheckAsync()
    {
        var changes = _loop.Watch(NodeEventKind.MembershipChanged);
        while (await changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (changes.Reader.TryRead(out _)) { }
            foreach (var service in Published)
            {
                foreach (var peer in service.Parts.Peers)
                {
                    var role = await RoleOfAsync(peer).ConfigureAwait(false);
                    if (!await MayUseAsync(peer, role, service).ConfigureAwait(false)) { service.Parts.Abort(part => part.Peer == peer); }
                }
            }
        }
    }

    private async Task<bool> MayUseAsync(NodeId peer, Role role, PublishedService service)
    {
        try
        {
            return service.Access?.Allows(peer, role) is not false
                && (await _loop.AskAsync((member, _) => member.Decide(peer, PolicyKind.Service, service.Name), default).ConfigureAwait(false)).IsAllowed;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<Role> RoleOfAsync(NodeId peer)
    {
        try
        {
            return await _loop.AskAsync((member, _) => member.Members.FirstOrDefault(one => one.Id == peer)?.Role ?? Role.None, default).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return Role.None;
        }
    }

    private TunnelSession Serve(NodeConnection connection)
    {
        lock (_lock)
        {
            if (_served.TryGetValue(connection, out var known)) { return known; }
            var session = new TunnelSession(connection, _loop.Tasks);
            _served.Add(connection, session);
            _loop.Tasks.TryRun(() => EndAsync(session));
            return session;
        }
    }

    // The peer ends its sessions; this side's end is all that is left to say then.
    private async Task EndAsync(TunnelSession session)
    {
        await session.Connection.Closed.ConfigureAwait(false);
        await session.Connection.DisposeAsync().ConfigureAwait(false);
        lock (_lock) { _served.Remove(session.Connection); }
    }
}
