using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>How a relay answers on port 443, to the platform's own WebSocket and to others.</summary>
public sealed class WebSocketServerTests
{
    [Fact]
    public async Task The_platforms_client_sends_and_receives_messages()
    {
        await using var end = new LinkEnd();
        using var client = await ConnectAsync(await end.ListenWebSocketAsync());
        var link = (await end.Sink.NextAsync<LinkEvent.Accepted>()).Link;

        await client.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        await client.SendAsync(new byte[] { 4 }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None); // fragments are one message
        await client.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None); // no datagram
        await client.SendAsync(new byte[] { 5 }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        Assert.Equal([1, 2, 3, 4], (await end.Sink.NextAsync<LinkEvent.Received>()).Datagram);
        Assert.Equal([5], (await end.Sink.NextAsync<LinkEvent.Received>()).Datagram);
        Assert.True(end.Set.TrySend(link, [6, 7], 2));
        var buffer = new byte[100];
        var answer = await client.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(RecordingSink.Patience);
        Assert.Equal((2, WebSocketMessageType.Binary, true), (answer.Count, answer.MessageType, answer.EndOfMessage));

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(RecordingSink.Patience);
        Assert.Equal(LinkFailure.Closed, (await end.Sink.NextAsync<LinkEvent.Closed>()).Reason);
    }

    [Theory] // RFC 6455 §7.4.1
    [InlineData(WebSocketMessageType.Text, 10, WebSocketCloseStatus.InvalidMessageType)]
    [InlineData(WebSocketMessageType.Binary, 65_536, WebSocketCloseStatus.MessageTooBig)]
    [InlineData(WebSocketMessageType.Binary, 300_000, WebSocketCloseStatus.MessageTooBig)]
    public async Task What_is_no_datagram_closes_with_the_code_that_says_so(WebSocketMessageType type, int length, WebSocketCloseStatus status)
    {
        await using var end = new LinkEnd();
        using var client = await ConnectAsync(await end.ListenWebSocketAsync());
        await client.SendAsync(new byte[length], type, endOfMessage: true, CancellationToken.None);

        var closing = await client.ReceiveAsync(new byte[100], CancellationToken.None).WaitAsync(RecordingSink.Patience);

        Assert.Equal((WebSocketMessageType.Close, status), (closing.MessageType, client.CloseStatus));
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await end.Sink.NextAsync<LinkEvent.Accepted>();
        Assert.Equal(LinkFailure.NotARelay, (await end.Sink.NextAsync<LinkEvent.Closed>()).Reason);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /coco HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("garbage\r\n\r\n", "")]
    [InlineData("\u0016\u0003\u0001\r\n\r\n", "")]
    public async Task Requests_for_something_else_are_answered_as_by_a_dull_web_server(string request, string answer)
    {
        await using var end = new LinkEnd();
        using var peer = await RawPeer.ConnectAsync(EndPointOf(await end.ListenWebSocketAsync()));
        await using var tls = await SecureAsync(peer);

        await tls.WriteAsync(Encoding.ASCII.GetBytes(request));

        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.Equal(answer, await reader.ReadToEndAsync().WaitAsync(RecordingSink.Patience));
        Assert.True(end.Sink.IsQuiet);
    }

    [Fact]
    public async Task A_head_over_8_KiB_is_not_read_to_its_end()
    {
        await using var end = new LinkEnd();
        using var peer = await RawPeer.ConnectAsync(EndPointOf(await end.ListenWebSocketAsync()));
        await using var tls = await SecureAsync(peer);
        await tls.WriteAsync(Encoding.ASCII.GetBytes("GET /coco HTTP/1.1\r\nX: " + new string('x', 8192)));

        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.Equal("", await reader.ReadToEndAsync().WaitAsync(RecordingSink.Patience));
    }

    [Theory] // a port scan, slow-loris before and after TLS
    [InlineData(false, false), InlineData(false, true), InlineData(true, false), InlineData(true, true)]
    public async Task Who_does_not_get_on_with_it_is_closed_after_10_s(bool withTls, bool withSomething)
    {
        var time = new ManualTime();
        await using var end = new LinkEnd(time: time);
        using var peer = await RawPeer.ConnectAsync(EndPointOf(await end.ListenWebSocketAsync()));
        Stream stream = withTls ? await SecureAsync(peer) : new NetworkStream(peer.Socket);
        if (withSomething) { await stream.WriteAsync(withTls ? "GET /coco HTTP/1.1\r\nX"u8.ToArray() : [0x16, 3, 1]); }
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(10));

        time.Advance(TimeSpan.FromSeconds(10));

        await peer.ReceiveToEndAsync();
        Assert.True(end.Sink.IsQuiet);
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Plain_http_is_closed()
    {
        await using var end = new LinkEnd();
        using var peer = await RawPeer.ConnectAsync(EndPointOf(await end.ListenWebSocketAsync()));
        await peer.SendAsync("GET /coco HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.DoesNotContain("HTTP", Encoding.ASCII.GetString(await peer.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_ones_own_is_shown()
    {
        await using var end = new LinkEnd();
        using var certificate = RelayCertificate.Make(DateTimeOffset.UtcNow);
        var bound = await end.Set.ListenWebSocketAsync(new(IPAddress.Loopback, 0), certificate);
        using var peer = await RawPeer.ConnectAsync(bound);
        await using var tls = await SecureAsync(peer);

        Assert.Equal(certificate.GetCertHashString(), tls.RemoteCertificate!.GetCertHashString());
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task One_that_another_server_took_has_queues_as_short_as_ours_and_ends_though_its_peer_reads_nothing()
    {
        await using var end = new LinkEnd();
        using var stalled = new StalledStream();
        var serving = end.Set.ServeWebSocketAsync(new(IPAddress.Loopback, 1234), socket: null, _ => Task.FromResult<Stream>(stalled));
        var link = (await end.Sink.NextAsync<LinkEvent.Accepted>()).Link;

        var taken = 0;
        while (end.Set.TrySend(link, new byte[1200], 1200)) { taken += 1200; }
        end.Set.Close(link);

        Assert.True(await serving.WaitAsync(RecordingSink.Patience));
        Assert.InRange(taken, 100_000, new LinkOptions().SendBuffer);
        Assert.Equal((1234, LinkKind.WebSocket), (link.Remote.Port, link.Kind));
    }

    [Fact]
    public async Task Another_server_is_told_before_it_answers_when_there_is_no_place()
    {
        await using var end = new LinkEnd();
        var streams = Enumerable.Range(0, new LinkOptions().MaxUnauthenticatedPerAddress).Select(static _ => new StalledStream()).ToArray();
        var serving = streams.Select(stream => end.Set.ServeWebSocketAsync(new(IPAddress.Loopback, 1234), socket: null, _ => Task.FromResult<Stream>(stream))).ToArray();
        foreach (var _ in streams) { await end.Sink.NextAsync<LinkEvent.Accepted>(); }
        var isAsked = false;

        var isServed = await end.Set.ServeWebSocketAsync(new(IPAddress.Loopback, 1235), socket: null, _ =>
        {
            isAsked = true;
            return Task.FromResult<Stream>(new StalledStream());
        }).WaitAsync(RecordingSink.Patience);

        Assert.Equal((false, false), (isServed, isAsked));
        await end.DisposeAsync();
        Assert.All(await Task.WhenAll(serving), Assert.True);
    }

    /// <summary>A peer that sends nothing and reads nothing.</summary>
    private sealed class StalledStream : MemoryStream
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _disposed.Task;
            throw new IOException("disposed");
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _disposed.Task;
            throw new IOException("disposed");
        }

        protected override void Dispose(bool disposing)
        {
            _disposed.TrySetResult();
            base.Dispose(disposing);
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(string url)
    {
        var client = new ClientWebSocket();
        client.Options.AddSubProtocol("coco");
        client.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        client.Options.Proxy = null;
        await client.ConnectAsync(new(url), CancellationToken.None).WaitAsync(RecordingSink.Patience);
        return client;
    }

    private static async Task<SslStream> SecureAsync(RawPeer peer)
    {
        var tls = new SslStream(new NetworkStream(peer.Socket));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http11], RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        }).WaitAsync(RecordingSink.Patience);
        return tls;
    }

    private static IPEndPoint EndPointOf(string url) => IPEndPoint.Parse(new Uri(url).Authority);
}
