using System.Text;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>TCP and WebSocket links: datagrams over connections.</summary>
internal sealed partial class SimulatedHost
{
    private const int HttpsPort = 443;

    private readonly Dictionary<int, SimulatedTcp> _streams = [];

    /// <summary>The HTTP proxy that WebSockets go through; null for none.</summary>
    public NetworkAddress? HttpProxy { get; set; }

    public Action<int, Link>? LinkOpened { get; set; }

    public Action<Link>? LinkAccepted { get; set; }

    public Action<int, LinkFailure>? LinkFailed { get; set; }

    public Action<Link>? LinkClosed { get; set; }

    /// <summary>Takes links of a kind at a port.</summary>
    public void ListenForLinks(int port, LinkKind kind) => Listen(port, connection =>
    {
        if (kind is LinkKind.Tcp) { connection.Opened = () => LinkAccepted?.Invoke(Adopt(connection, kind)); }
        else { connection.Arrived = message => AnswerHandshake(connection, (StreamMessage)message[0]); }
    });

    /// <summary>Opens a TCP link; the answer comes by callback, under the request's number.</summary>
    public void OpenTcp(int request, in NetworkAddress remote, int fromPort = 0)
    {
        if (fromPort != 0 && FindConnection(fromPort, remote) is { } met) { AnswerWith(request, met); }
        else { OpenStream(request, remote, why => why, connection => LinkOpened?.Invoke(request, Adopt(connection, LinkKind.Tcp)), fromPort); }
    }

    /// <summary>Opens a WebSocket over TLS, through the proxy if there is one.</summary>
    public void OpenWebSocket(int request, string url)
    {
        var uri = new Uri(url);
        var port = uri.Port > 0 ? uri.Port : HttpsPort;
        if (HttpProxy is { } proxy) { OpenStream(request, proxy, _ => LinkFailure.ProxyRefused, connection => Shake(connection, request, $"{uri.Host}:{port}")); }
        else if (!TryResolve(Internet, uri.Host, out var address)) { Fail(request, LinkFailure.Unreachable); }
        else { OpenStream(request, address.WithPort(port), why => why, connection => Shake(connection, request, null)); }
    }

    public void CloseLink(in Link link)
    {
        if (_streams.Remove(link.Number, out var connection)) { connection.Send([(byte)StreamMessage.Close]); }
    }

    /// <summary>Ends all connections and closes all sockets, as when a process dies.</summary>
    public void Crash()
    {
        foreach (var connection in _connections.Values.ToArray()) { connection.Abort(); }
        _streams.Clear();
        _listeners.Clear();
        _udp.Clear();
        _udpByPort.Clear();
    }

    internal static bool TryResolve(SimulatedInternet internet, string host, out NetworkAddress address) =>
        internet.Names.TryGetValue(host, out address) || NetworkAddress.TryParseHost(host.Trim('[', ']'), out address);

    private void OpenStream(int request, NetworkAddress remote, Func<LinkFailure, LinkFailure> describe, Action<SimulatedTcp> opened, int fromPort = 0)
    {
        if (Connect(remote, fromPort) is not { } connection)
        {
            Fail(request, LinkFailure.Unreachable);
            return;
        }
        connection.Ended = why => LinkFailed?.Invoke(request, describe(why));
        connection.Opened = () => opened(connection);
    }

    // Not at once: whoever asks is not to be answered while it is still asking.
    private void Fail(int request, LinkFailure why) => Internet.Schedule(Internet.Now, () => LinkFailed?.Invoke(request, why));

    // The other end came first and found our listener: one pair of addresses is one connection, and that one is the answer.
    private void AnswerWith(int request, SimulatedTcp met)
    {
        if (met.IsOpen)
        {
            Internet.Schedule(Internet.Now, Answer);
            return;
        }
        met.Opened += Answer;
        met.Ended += why => LinkFailed?.Invoke(request, why);

        void Answer()
        {
            var link = _streams.FirstOrDefault(each => each.Value == met);
            if (link.Value is null) { LinkFailed?.Invoke(request, LinkFailure.Closed); }
            else { LinkOpened?.Invoke(request, new(LinkKind.Tcp, link.Key, met.Remote)); }
        }
    }

    private Link Adopt(SimulatedTcp connection, LinkKind kind)
    {
        var link = new Link(kind, ++_nextNumber, connection.Remote);
        _streams.Add(link.Number, connection);
        connection.Arrived = message =>
        {
            if ((StreamMessage)message[0] is StreamMessage.Data) { Received?.Invoke(link, message[1..], default); }
            if ((StreamMessage)message[0] is StreamMessage.Close) { connection.Abort(); Lose(link); }
        };
        connection.Ended = _ => Lose(link);
        return link;
    }

    private void Lose(Link link)
    {
        if (_streams.Remove(link.Number)) { LinkClosed?.Invoke(link); }
    }

    // CONNECT, TLS and the upgrade cost a round trip each (RFC 9110 §9.3.6, RFC 8446 §2, RFC 6455 §1.3).
    private void Shake(SimulatedTcp connection, int request, string? throughProxyTo)
    {
        var isConnected = false;
        connection.Arrived = message =>
        {
            switch ((StreamMessage)message[0])
            {
                case StreamMessage.Connected:
                    isConnected = true;
                    connection.Send([(byte)StreamMessage.Hello]);
                    break;
                case StreamMessage.HelloAnswer: connection.Send([(byte)StreamMessage.Upgrade]); break;
                case StreamMessage.Upgraded: LinkOpened?.Invoke(request, Adopt(connection, LinkKind.WebSocket)); break;
                default:
                    connection.Abort();
                    var isProxys = throughProxyTo is not null && !isConnected;
                    LinkFailed?.Invoke(request, isProxys ? LinkFailure.ProxyRefused : LinkFailure.NotARelay);
                    break;
            }
        };
        connection.Send(throughProxyTo is null ? [(byte)StreamMessage.Hello] : [(byte)StreamMessage.Connect, .. Encoding.UTF8.GetBytes(throughProxyTo)]);
    }

    private void AnswerHandshake(SimulatedTcp connection, StreamMessage message)
    {
        if (message is StreamMessage.Hello) { connection.Send([(byte)StreamMessage.HelloAnswer]); }
        if (message is not StreamMessage.Upgrade) { return; }
        connection.Send([(byte)StreamMessage.Upgraded]);
        LinkAccepted?.Invoke(Adopt(connection, LinkKind.WebSocket));
    }

    private bool SendOnStream(in Link link, byte[] datagram) =>
        _streams.TryGetValue(link.Number, out var connection) && connection.Send([(byte)StreamMessage.Data, .. datagram]);
}
