using System.Net;
using System.Net.Sockets;
using Coco.Quic.Congestion;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Loop;

/// <summary>TCP and WebSocket links: what happens to them comes as items of the queue.</summary>
internal sealed partial class EndpointLoop
{
    private readonly LinkSet _links;
    private (long Packets, long Bytes) _forwarded; // in the mesh, as last counted

    /// <summary>Where WebSockets are listened for.</summary>
    public IReadOnlyList<IPEndPoint> WebSocketEndPoints { get; }

    /// <summary>Somebody whose identity is proved uses the link: it may stay.</summary>
    public void MarkAuthenticated(in Link link) => _links.MarkAuthenticated(link);

    /// <inheritdoc cref="LinkSet.ServeWebSocketAsync(IPEndPoint, Socket?, Func{CancellationToken, Task{Stream}})"/>
    public Task<bool> ServeWebSocketAsync(IPEndPoint remote, Socket? socket, Func<CancellationToken, Task<Stream>> upgrade) => _links.ServeWebSocketAsync(remote, socket, upgrade);

    /// <summary>Ends the links; after the loop has ended.</summary>
    public ValueTask DisposeLinksAsync() => _links.DisposeAsync();

    // Where it is taken, peers cannot open TCP links to us.
    private bool TryListenTcp(out string refusal)
    {
        refusal = "";
        foreach (var channel in _channels)
        {
            try
            {
                _ = _links.ListenTcpAsync(channel.LocalEndPoint); // bound, or failed, when it returns
                return true;
            }
            catch (SocketException exception)
            {
                refusal = exception.Message;
            }
        }
        return false;
    }

    private List<IPEndPoint> ListenWebSocket()
    {
        var bound = new List<IPEndPoint>();
        // Each call is bound, or has failed, when it returns.
        foreach (var address in Options.WebSocketAddresses) { bound.Add(_links.ListenWebSocketAsync(address, Options.WebSocketCertificate, Options.WebSocketCertificates).GetAwaiter().GetResult()); }
        return bound;
    }

    private void Receive(in Link link, LinkBatch batch)
    {
        using (batch)
        {
            foreach (var run in batch.Runs)
            {
                var data = batch[run];
                TransportMetrics.Received(data.Length);
                Core.HandleDatagrams(link, data, run.SegmentSize, EcnCodepoint.NotEct, Now);
                Forward(data);
            }
        }
    }

    // What a relay passes on leaves at once or is lost: a queue would only hide from its users that there is too much.
    private void Forward(ReadOnlySpan<byte> received)
    {
        while (Core.TryTakeForward(out var transmit, out var offset))
        {
            var data = received.Slice(offset, transmit.Length);
            if (!transmit.IsMesh) { TransportMetrics.Relayed(data.Length); }
            if (transmit.Link.IsReliable) { _links.TryForward(transmit.Link, data, transmit.SegmentSize); }
            else if (_byNumber.TryGetValue(transmit.Link.Number, out var channel))
            {
                var result = channel.Send(transmit.Link.Remote, data, transmit.SegmentSize, (Udp.Ecn)transmit.Ecn, transmit.HopLimit, out _);
                if (result is Udp.SendResult.WouldBlock) { Core.HandleForwardBlocked(); }
            }
        }
        CountForwarded();
    }

    private void CountForwarded()
    {
        var (packets, bytes) = Core.PassedOn;
        if (packets == _forwarded.Packets) { return; }
        TransportMetrics.Forwarded(packets - _forwarded.Packets, bytes - _forwarded.Bytes);
        _forwarded = (packets, bytes);
    }

    private sealed class LinkSink(EndpointLoop loop) : ILinkSink
    {
        public void Opened(int request, Link link) => Post(now => loop.Core.HandleLinkOpened(request, link, now));

        public void Failed(int request, LinkFailure failure, string detail) => Post(now => loop.Core.HandleLinkFailed(request, failure, now));

        public void Accepted(Link link) => Post(now => loop.Core.HandleLinkAccepted(link, now));

        public void Received(Link link, LinkBatch batch) => loop.Post(new Batch(loop, link, batch));

        public void Writable(Link link) => loop.Post(new Room(loop, link));

        public void Closed(Link link, LinkFailure reason, string detail) => Post(now => loop.Core.HandleLinkClosed(link, now));

        private void Post(Action<TimeSpan> news) => loop.Post(new News(news));
    }

    private sealed class News(Action<TimeSpan> news) : ILoopItem
    {
        public void Run(TimeSpan now) => news(now);

        public void Refuse()
        {
        }
    }

    private sealed class Room(EndpointLoop loop, Link link) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Core.HandleLinkWritable(link, now);

        public void Refuse()
        {
        }
    }

    private sealed class Batch(EndpointLoop loop, Link link, LinkBatch batch) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Receive(link, batch);

        public void Refuse() => batch.Dispose();
    }
}
