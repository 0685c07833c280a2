using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

public sealed class ProxyTests
{
    [Fact]
    public async Task A_program_of_the_same_user_without_the_token_is_turned_away()
    {
        Executable.Require("curl");
        await using var scene = await TunnelScene.StartAsync();
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0));

        foreach (var address in (string[])["socks5h://", "socks5h://any:wrong-password-here@", "http://", "http://any:wrong-password-here@"])
        {
            var (code, output) = await Executable.RunAsync(
                "curl", ["-s", "--proxytunnel", "--proxy", $"{address}127.0.0.1:{proxy.LocalEnd.Port}", "-w", "%{http_connect}", "http://web.ada.home.coco/"], null, scene.Patience);
            Assert.NotEqual(0, code);
            if (address.StartsWith("http", StringComparison.Ordinal)) { Assert.Equal("407", output); }
        }
        while (proxy.Statistics.Refused < 4) { await Task.Delay(20, scene.Patience); }
        Assert.Equal((0L, CocoError.Denied), (proxy.Statistics.BytesToPeers, proxy.LastFailure?.Code));
    }

    [Theory]
    [InlineData("web.ada.home.coco:1", "200")]
    [InlineData("web.ADA.Home.COCO.:1", "200")]
    [InlineData("none.ada.home.coco:1", "404")]
    [InlineData("web.eve.home.coco:1", "404")]
    [InlineData("web.ada.work.coco:1", "404")]
    [InlineData("secret.ada.home.coco:1", "403")]
    [InlineData("dead.ada.home.coco:1", "502")]
    [InlineData("example.org:443", "403")]
    [InlineData("127.0.0.1:22", "403")]
    public async Task Http_tells_how_it_went(string authority, string status)
    {
        await using var scene = await TunnelScene.StartAsync("allow service * from anyone\ndeny service secret from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await scene.Ada.Tunnels.PublishAsync("dead", TunnelEnd.Unix("/nonexistent/socket"));
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\n\r\nright away"));

        Assert.Equal($"HTTP/1.1 {status} ", await scene.ReadAsync(client, 13));
        if (status != "200") { return; }
        using var served = await target.AcceptAsync(scene.Patience);
        Assert.Equal("right away", await scene.ReadAsync(served, 10));
    }

    [Theory]
    [InlineData("http://web.ada.home.coco/", "HTTP/1.1 200 ")]
    [InlineData("http://none.ada.home.coco/", "HTTP/1.1 404 ")]
    [InlineData("http://secret.ada.home.coco/", "HTTP/1.1 403 ")]
    [InlineData("http://example.org/", "HTTP/1.1 403 ")]
    [InlineData("http://any@web.ada.home.coco/", "HTTP/1.1 400 ")]
    [InlineData("https://web.ada.home.coco/", "HTTP/1.1 400 ")]
    [InlineData("/", "HTTP/1.1 400 ")]
    public async Task Http_without_tunnelling_tells_how_it_went(string address, string status)
    {
        await using var scene = await TunnelScene.StartAsync("allow service * from anyone\ndeny service secret from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\n\r\n"));

        // Kept until the answer has come: a socket that is closed with bytes unread resets its connection, and the answer may go with it.
        using var served = status.Contains("200", StringComparison.Ordinal) ? await target.AcceptAsync(scene.Patience) : null;
        if (served is not null)
        {
            await scene.ReadAsync(served, 3);
            await served.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n\r\n"));
        }
        Assert.Equal(status, await scene.ReadAsync(client, status.Length));
    }

    [Fact] // RFC 9112 §3.2.2, §9.6
    public async Task A_request_for_an_address_is_brought_to_its_service_and_none_that_follows_it()
    {
        const string Head = "POST /a?b HTTP/1.1\r\nHost: web.ada.home.coco:80\r\nContent-Length: 4\r\nVia: 1.1 coco\r\nConnection: close\r\n\r\n";
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(Encoding.ASCII.GetBytes("POST http://web.ada.home.coco:80/a?b HTTP/1.1\r\nHost: other\r\nProxy-Connection: keep-alive\r\nContent-Length: 4\r\n\r\nbo"));
        using var served = await target.AcceptAsync(scene.Patience);
        Assert.Equal(Head + "bo", await scene.ReadAsync(served, Head.Length + 2));
        await client.SendAsync(Encoding.ASCII.GetBytes("dyGET http://secret.eve.home.coco/ HTTP/1.1\r\n\r\n"));
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("dy", await scene.ReadToEndAsync(served));
        await served.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall"));
        served.Shutdown(SocketShutdown.Send);
        Assert.EndsWith("\r\n\r\nall", await scene.ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web.ada.home.coco", 0)]
    [InlineData("secret.ada.home.coco", 2)]
    [InlineData("example.org", 2)]
    [InlineData("web.eve.home.coco", 4)]
    [InlineData("none.ada.home.coco", 5)]
    public async Task Socks_tells_how_it_went(string host, int reply)
    {
        await using var scene = await TunnelScene.StartAsync("allow service * from anyone\ndeny service secret from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(new byte[] { 5, 1, 0 });
        Assert.Equal([5, 0], await ReadAsync(client, 2, scene.Patience));
        await client.SendAsync((byte[])[5, 1, 0, 3, (byte)host.Length, .. Encoding.ASCII.GetBytes(host), 0, 80]);

        Assert.Equal([5, (byte)reply, 0, 1, 0, 0, 0, 0, 0, 0], await ReadAsync(client, 10, scene.Patience));
    }

    [Fact] // RFC 1928 §6
    public async Task An_address_of_a_kind_that_there_is_not_is_said_to_be_one()
    {
        await using var scene = await TunnelScene.StartAsync();
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(new byte[] { 5, 1, 0, 5, 1, 0, 2, 1, 2, 3, 4, 0, 80 });

        Assert.Equal([5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0], await ReadAsync(client, 12, scene.Patience));
    }

    [Fact] // RFC 1928 §3, RFC 1929 §2
    public async Task A_client_that_offers_a_password_only_is_let_in_where_none_is_asked_for()
    {
        await using var scene = await TunnelScene.StartAsync("allow service * from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(proxy.LocalEnd);

        await client.SendAsync(new byte[] { 5, 1, 2, 1, 1, (byte)'u', 1, (byte)'p' });
        Assert.Equal([5, 2, 1, 0], await ReadAsync(client, 4, scene.Patience));
        await client.SendAsync((byte[])[5, 1, 0, 3, 17, .. "web.ada.home.coco"u8, 0, 80]);

        Assert.Equal([5, 0], await ReadAsync(client, 2, scene.Patience));
    }

    [Fact] // RFC 1928 §7
    public async Task Datagrams_go_through_the_proxy_by_names()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("dns", target.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var control = await scene.ConnectAsync(proxy.LocalEnd);
        using var program = UdpTarget.Listen();
        await control.SendAsync(new byte[] { 5, 1, 0 });
        Assert.Equal([5, 0], await ReadAsync(control, 2, scene.Patience));
        await control.SendAsync(new byte[] { 5, 3, 0, 1, 0, 0, 0, 0, 0, 0 });
        var reply = await ReadAsync(control, 10, scene.Patience);
        var relay = new IPEndPoint(new IPAddress(reply.AsSpan(4, 4)), (reply[8] << 8) | reply[9]);
        byte[] header = [0, 0, 0, 3, 17, .. "dns.ada.home.coco"u8, 0, 53];

        await program.SendAsync([.. header, .. "question"u8], relay);
        var (question, from) = await target.ReceiveAsync(scene.Patience);
        await target.SendAsync("answer"u8.ToArray(), from);
        var (answer, _) = await program.ReceiveAsync(scene.Patience);

        Assert.Equal("question"u8, question);
        Assert.Equal((byte[])[.. header, .. "answer"u8], answer);
    }

    [Fact]
    public async Task Names_are_those_of_hosts()
    {
        await using var scene = await TunnelScene.StartAsync();
        await scene.Ada.RenameAsync(scene.Bob.Id, "Bob's Café", scene.Patience);
        await scene.Ada.WaitForAsync(node => node.Peers.Any(static peer => peer.Name == "Bob's Café"), scene.Patience);
        var view = scene.Ada.Tunnels.View;

        Assert.Equal((scene.Bob.Id, "web"), ServiceName.Resolve("web.bob-s-caf-.home.coco", view, scene.Ada.Network));
        Assert.Equal((scene.Bob.Id, "web.admin"), ServiceName.Resolve($"web.admin.{scene.Bob.Id}.{scene.Ada.Network}.coco", view, scene.Ada.Network));
        Assert.Throws<CocoException>(() => ServiceName.Resolve("bob-s-caf-.home.coco", view, scene.Ada.Network));
        Assert.Throws<CocoException>(() => ServiceName.Resolve(".coco", view, scene.Ada.Network));
        Assert.Throws<CocoException>(() => ServiceName.Resolve("", view, scene.Ada.Network));
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = await socket.ReceiveAsync(bytes.AsMemory(at), cancellationToken);
            Assert.NotEqual(0, count);
            at += count;
        }
        return bytes;
    }
}
