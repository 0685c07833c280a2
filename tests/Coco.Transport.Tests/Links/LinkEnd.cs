using System.Net;
using Coco.Transport.Links;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>A set of links and what it told.</summary>
internal sealed class LinkEnd(LinkOptions? options = null, Func<System.Net.Sockets.AddressFamily, System.Net.Sockets.Socket>? sockets = null, TimeProvider? time = null)
    : IAsyncDisposable
{
    private static readonly LinkOptions Direct = new() { Proxy = ProxyOptions.None };

    private RecordingSink? _sink;
    private LinkSet? _set;

    public RecordingSink Sink => _sink ??= new();

    public LinkSet Set => _set ??= new(Sink, options ?? Direct, sockets, time);

    /// <summary>A link between two ends over loopback, from the one that opened it and the one that accepted it.</summary>
    public static async Task<(Link Opened, Link Accepted)> ConnectAsync(LinkKind kind, LinkEnd opener, LinkEnd accepter)
    {
        if (kind is LinkKind.Tcp) { opener.Set.OpenTcp(1, await accepter.ListenTcpAsync(), fromListeningPort: false); }
        else { opener.Set.OpenWebSocket(1, await accepter.ListenWebSocketAsync()); }
        var opened = await opener.Sink.NextAsync<LinkEvent.Opened>();
        var accepted = await accepter.Sink.NextAsync<LinkEvent.Accepted>();
        accepter.Set.MarkAuthenticated(accepted.Link);
        return (opened.Link, accepted.Link);
    }

    public async Task<NetworkAddress> ListenTcpAsync() =>
        LinkEndPoint.ToAddress(await Set.ListenTcpAsync(new IPEndPoint(IPAddress.Loopback, 0)));

    public int WebSocketPort { get; private set; }

    public async Task<string> ListenWebSocketAsync()
    {
        var bound = await Set.ListenWebSocketAsync(new IPEndPoint(IPAddress.Loopback, 0));
        WebSocketPort = bound.Port;
        return $"wss://{bound}/coco";
    }

    public ReliableLink Get(Link link) => Set.TryGet(link, out var found) ? found : throw new InvalidOperationException($"{link} is gone");

    /// <summary>Sends, waiting while the link is full.</summary>
    public async Task SendAsync(Link link, byte[] datagram)
    {
        var limit = DateTime.UtcNow + RecordingSink.Patience;
        while (!Set.TrySend(link, datagram, datagram.Length))
        {
            Assert.True(DateTime.UtcNow < limit && Set.TryGet(link, out _), "the link takes nothing");
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => Set.DisposeAsync();
}
