using Coco.Transport;

namespace Coco.Hosting;

/// <content>Streams that the peer opens.</content>
internal sealed partial class PeerLink
{
    private int _hasMesh;

    private async Task ServeAsync(ConnectionStream stream)
    {
        try
        {
            var kind = await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
            switch ((StreamKind?)kind)
            {
                case StreamKind.Mesh when !IsCaller && stream.CanWrite && Interlocked.Exchange(ref _hasMesh, 1) == 0:
                    var mesh = new FrameStream(stream);
                    await _loop.PostAsync(() => _loop.HandleMeshOpened(this, mesh)).ConfigureAwait(false);
                    await ServeMeshAsync(mesh).ConfigureAwait(false);
                    break;
                case StreamKind.Join when !IsCaller && stream.CanWrite:
                    await _loop.ServeJoinAsync(this, stream).ConfigureAwait(false);
                    break;
                case StreamKind.App or StreamKind.Service or StreamKind.SessionEnd:
                case StreamKind.Tunnel or StreamKind.Message or StreamKind.Topic or StreamKind.Media or StreamKind.Data:
                    await ServeAppAsync((StreamKind)kind!.Value, stream).ConfigureAwait(false);
                    break;
                default:
                    stream.Abort((ulong)WireError.UnknownStreamKind);
                    break;
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The stream or the connection is over.
        }
    }

    private async Task ServeAppAsync(StreamKind kind, ConnectionStream stream)
    {
        // Nothing of a peer reaches the app before it has shown that it belongs; until then the stream waits.
        if (!await _verified.Task.ConfigureAwait(false)) { return; }
        if (await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false) is not { } number)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        if (kind is StreamKind.SessionEnd)
        {
            await EndSessionAsync(number, stream).ConfigureAwait(false);
            return;
        }
        if (Find(number) is not { } session || !TryBegin(session, UseOf(kind)))
        {
            stream.Abort((ulong)WireError.SessionEnded);
            return;
        }
        switch (kind)
        {
            case StreamKind.App: session.HandleStream(stream); break;
            case StreamKind.Service: await ServeServiceAsync(session, stream).ConfigureAwait(false); break;
            default:
                session.CountArrived();
                if (_loop.FindServer(session.Use) is { } serve) { await serve(session, stream).ConfigureAwait(false); }
                else { stream.Abort((ulong)WireError.NotOffered); }
                break;
        }
    }

    private static SessionUse UseOf(StreamKind kind) => kind switch
    {
        StreamKind.Tunnel => SessionUse.Tunnels,
        StreamKind.Message => SessionUse.Messages,
        StreamKind.Topic => SessionUse.Topics,
        StreamKind.Media => SessionUse.Media,
        StreamKind.Data => SessionUse.Data,
        _ => SessionUse.App,
    };

    private async Task ServeServiceAsync(NodeConnection session, ConnectionStream stream)
    {
        var service = await StreamHeader.ReadServiceAsync(stream, default).ConfigureAwait(false);
        var isAllowed = service is not null && await _loop.DecideServiceAsync(Peer, service).ConfigureAwait(false);
        session.CountArrived();
        if (!isAllowed || !stream.CanWrite)
        {
            stream.Abort((ulong)(service is null ? WireError.Malformed : WireError.Denied));
            return;
        }
        await stream.WriteAsync(new byte[] { 0 }).ConfigureAwait(false);
        session.HandleService(new(service!, stream));
    }
}
