using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>How we reach a relay by WebSocket, and what stands in the way.</summary>
public sealed class WebSocketClientTests
{
    private const string Switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\n\r\n", "302 Found\", to \"http://portal.example/login\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 OK")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: coco\r\n\r\n", "another request")]
    [InlineData(Switching + "Sec-WebSocket-Protocol: chat\r\n\r\n", "subprotocol")]
    [InlineData(Switching + "\r\n", "subprotocol")]
    [InlineData(Switching + "Sec-WebSocket-Protocol: coco\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "extension")]
    [InlineData("220 smtp.example ESMTP\r\n\r\n", "220 smtp")]
    public async Task A_server_that_is_no_relay_is_found_out_and_the_reason_is_said(string answer, string detail)
    {
        await using var end = new LinkEnd();
        using var server = new TlsServer();
        end.Set.OpenWebSocket(1, server.Url);
        var (_, stream) = await server.AnswerAsync(answer);

        var failed = await end.Sink.NextAsync<LinkEvent.Failed>();
        Assert.Equal(LinkFailure.NotARelay, failed.Failure);
        Assert.Contains(detail.Split('"')[0], failed.Detail, StringComparison.Ordinal);
        await stream.DisposeAsync();
    }

    [Fact] // RFC 6455 §4.1
    public async Task The_request_is_one_that_servers_and_proxies_know()
    {
        await using var end = new LinkEnd();
        using var server = new TlsServer();
        end.Set.OpenWebSocket(1, server.Url);
        var (request, stream) = await server.AnswerAsync(Switching + "Sec-WebSocket-Protocol: coco\r\n\r\n");

        await end.Sink.NextAsync<LinkEvent.Opened>();
        Assert.Equal("GET /coco HTTP/1.1", request.StartLine);
        Assert.Equal(new Uri(server.Url).Authority, request["Host"]);
        Assert.Equal(("websocket", "Upgrade", "13", "coco"), (request["Upgrade"], request["Connection"], request["Sec-WebSocket-Version"], request["Sec-WebSocket-Protocol"]));
        Assert.Equal("", request["Sec-WebSocket-Extensions"]);
        await stream.DisposeAsync();
        await end.Sink.NextAsync<LinkEvent.Closed>();
    }

    [Fact]
    public async Task A_silent_link_is_kept_open_by_pings()
    {
        await using var end = new LinkEnd(new() { Proxy = ProxyOptions.None, PingInterval = TimeSpan.FromMilliseconds(20) });
        using var server = new TlsServer();
        end.Set.OpenWebSocket(1, server.Url);
        var (_, stream) = await server.AnswerAsync(Switching + "Sec-WebSocket-Protocol: coco\r\n\r\n");

        var first = new byte[1];
        await stream.ReadExactlyAsync(first).AsTask().WaitAsync(RecordingSink.Patience);

        Assert.Equal(0x89, first[0]); // FIN and opcode 9 (RFC 6455 §5.5.2)
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_server_without_tls_is_told_apart()
    {
        await using var end = new LinkEnd();
        using var listener = RawPeer.Listen();
        end.Set.OpenWebSocket(1, $"wss://{listener.LocalEndPoint}/coco");
        using (var portal = new RawPeer(await listener.AcceptAsync()))
        {
            await portal.ReceiveAsync(100);
            await portal.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        }

        Assert.Equal(LinkFailure.TlsFailed, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    public static TheoryData<string> NoRelays => new(
        "https://203.0.113.1/coco", "wss:///coco", "wss://user@203.0.113.1/", "", "wss://[::1", "wss://203.0.113.1:65536/",
        $"wss://{new string('a', 300)}/", $"wss://{string.Join('.', Enumerable.Repeat("abcdefg", 40))}/", "wss://203.0.113.1/" + new string('a', 9000));

    [Theory, MemberData(nameof(NoRelays))]
    public async Task What_is_no_address_of_a_relay_is_refused(string url)
    {
        await using var end = new LinkEnd();
        end.Set.OpenWebSocket(3, url);

        var failed = await end.Sink.NextAsync<LinkEvent.Failed>();
        Assert.Equal((3, LinkFailure.Unreachable), (failed.Request, failed.Failure));
    }

    [Fact]
    public async Task Nobody_listening_is_refused_and_an_unknown_name_unreachable()
    {
        await using var end = new LinkEnd();
        System.Net.EndPoint gone;
        using (var listener = RawPeer.Listen()) { gone = listener.LocalEndPoint!; }

        end.Set.OpenWebSocket(1, $"wss://{gone}/coco");
        Assert.Equal(LinkFailure.Refused, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
        end.Set.OpenWebSocket(2, "wss://relay.invalid/coco"); // RFC 6761 §6.4: such a name never exists
        Assert.Equal(LinkFailure.Unreachable, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_times_out()
    {
        var time = new ManualTime();
        await using var end = new LinkEnd(time: time);
        using var silent = RawPeer.Listen();
        end.Set.OpenWebSocket(1, $"wss://{silent.LocalEndPoint}/coco");
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(10));

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(LinkFailure.TimedOut, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Theory]
    [InlineData("wss://relay.example", "relay.example", 443, "/coco")]
    [InlineData("wss://relay.example:8443/", "relay.example", 8443, "/coco")]
    [InlineData("wss://[2001:db8::1]/x?y", "[2001:db8::1]", 443, "/x?y")]
    [InlineData("wss://bücher.example/\u00e4\r\n", "xn--bcher-kva.example", 443, "/%C3%A4")]
    public void An_address_says_host_port_and_path(string text, string host, int port, string path)
    {
        Assert.True(RelayUrl.TryParse(text, out var url));
        Assert.Equal((host, port, path), (url.IdnHostInBrackets(), url.PortOrDefault(), url.PathOrDefault()));
    }

    [Fact] // RFC 8305: one dead address of a host does not keep us from the others
    public async Task A_name_is_tried_at_each_of_its_addresses()
    {
        await using LinkEnd a = new(), b = new();
        var port = new Uri(await b.ListenWebSocketAsync()).Port;

        a.Set.OpenWebSocket(1, $"wss://localhost:{port}/coco"); // ::1, where nobody listens, and 127.0.0.1

        Assert.Equal(port, (await a.Sink.NextAsync<LinkEvent.Opened>()).Link.Remote.Port);
    }
}
