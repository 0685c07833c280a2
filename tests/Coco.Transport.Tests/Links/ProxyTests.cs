using System.Net;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>WebSockets through an HTTP proxy (CONNECT, RFC 9110 §9.3.6).</summary>
public sealed class ProxyTests
{
    private static readonly NetworkCredential Somebody = new("user", "p:w");

    [Fact]
    public async Task A_link_goes_through_a_proxy()
    {
        await using var proxy = new TestProxy();
        await using LinkEnd a = Behind(proxy), b = new();

        var (fromA, fromB) = await LinkEnd.ConnectAsync(LinkKind.WebSocket, a, b);

        Assert.Equal($"CONNECT 127.0.0.1:{b.WebSocketPort} HTTP/1.1", Assert.Single(proxy.Targets));
        Assert.Equal(proxy.Address.Port, fromA.Remote.Port);
        await AssertCarriesAsync(a, fromA, b, fromB);
    }

    [Fact] // RFC 7617 §2
    public async Task A_proxy_that_wants_a_password_gets_it()
    {
        await using var proxy = new TestProxy { Authorization = "Basic dXNlcjpwOnc=" };
        await using LinkEnd a = Behind(proxy, Somebody), b = new();

        var (fromA, fromB) = await LinkEnd.ConnectAsync(LinkKind.WebSocket, a, b);

        await AssertCarriesAsync(a, fromA, b, fromB);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_proxy_that_wants_another_password_is_told_apart(bool withWrongPassword)
    {
        await using var proxy = new TestProxy { Authorization = "Basic b3RoZXI6b3RoZXI=" };
        await using var a = Behind(proxy, withWrongPassword ? Somebody : null);

        a.Set.OpenWebSocket(1, "wss://203.0.113.1/coco");

        Assert.Equal(LinkFailure.ProxyAuthenticationRequired, (await a.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Theory]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n", "403")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nX: y\r\n\r\n", "503")]
    [InlineData("SSH-2.0-x\r\n\r\n", "SSH-2.0")]
    [InlineData("HTTP/1.1 200 OK\r\n", "closed")]
    public async Task A_proxy_that_opens_no_tunnel_has_refused(string answer, string detail)
    {
        await using var proxy = new TestProxy { Answer = answer };
        await using var a = Behind(proxy);

        a.Set.OpenWebSocket(1, "wss://203.0.113.1/coco");

        var failed = await a.Sink.NextAsync<LinkEvent.Failed>();
        Assert.Equal(LinkFailure.ProxyRefused, failed.Failure);
        Assert.Contains(detail, failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_has_refused()
    {
        Uri gone;
        await using (var proxy = new TestProxy()) { gone = proxy.Address; }
        await using var a = new LinkEnd(new() { Proxy = ProxyOptions.At(gone) });

        a.Set.OpenWebSocket(1, "wss://203.0.113.1/coco");

        Assert.Equal(LinkFailure.ProxyRefused, (await a.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Fact] // the proxies of some companies open TLS with a certificate of their own
    public async Task A_proxy_that_opens_tls_finds_the_very_datagrams_and_nothing_of_ours_beside()
    {
        await using var proxy = new TestProxy { Interceptor = RelayCertificate.Make(DateTimeOffset.UtcNow) };
        await using LinkEnd a = Behind(proxy), b = new();
        var (fromA, fromB) = await LinkEnd.ConnectAsync(LinkKind.WebSocket, a, b);
        var head = proxy.Seen.ToArray();

        await AssertCarriesAsync(a, fromA, b, fromB);

        // What the proxy saw of b after the answer 101: one frame (RFC 6455 §5.2), binary, 3 bytes, and those are the datagram.
        Assert.Equal([0x82, 3, 7, 8, 9], proxy.Seen.ToArray()[head.Length..]);
        Assert.EndsWith("\r\n\r\n", System.Text.Encoding.ASCII.GetString(head), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_say_which_proxy_serves_which_relay()
    {
        var rules = ProxyOptions.By(new WebProxy("http://proxy.example:3128", BypassOnLocal: false, ["relay\\.inside"]));

        Assert.True(rules.TryFind(new("wss://relay.example/coco"), out var proxy, out var credentials));
        Assert.Equal(("http://proxy.example:3128/", null), (proxy.ToString(), credentials));
        Assert.False(rules.TryFind(new("wss://relay.inside/coco"), out _, out _));
        Assert.False(ProxyOptions.None.TryFind(new("wss://relay.example/coco"), out _, out _));
        Assert.True(ProxyOptions.At(new("http://me:a%3Ab@proxy.example")).TryFind(new("wss://relay.example"), out _, out credentials));
        Assert.Equal(("me", "a:b"), (credentials!.UserName, credentials.Password));
    }

    [Fact]
    public async Task A_proxy_of_another_kind_is_refused()
    {
        await using var a = new LinkEnd(new() { Proxy = ProxyOptions.By(new WebProxy("socks5://203.0.113.1:1080")) });

        a.Set.OpenWebSocket(1, "wss://203.0.113.1/coco");

        Assert.Equal(LinkFailure.ProxyRefused, (await a.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    private static LinkEnd Behind(TestProxy proxy, NetworkCredential? credentials = null) => new(new() { Proxy = ProxyOptions.At(proxy.Address, credentials) });

    private static async Task AssertCarriesAsync(LinkEnd a, Link fromA, LinkEnd b, Link fromB)
    {
        Assert.True(a.Set.TrySend(fromA, [1, 2], 2));
        Assert.True(b.Set.TrySend(fromB, [7, 8, 9], 3));
        Assert.Equal([1, 2], (await b.Sink.AwaitAsync<LinkEvent.Received>()).Datagram);
        Assert.Equal([7, 8, 9], (await a.Sink.AwaitAsync<LinkEvent.Received>()).Datagram);
    }
}
