using System.Net.WebSockets;
using System.Security.Cryptography;
using Coco.Tunnels;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coco.Tests.Tunnels;

/// <summary>Programs that know nothing of Coco, through tunnels and through the proxy.</summary>
public sealed class RealClientTests
{
    private const int FileLength = 50 * 1024 * 1024;

    [Theory]
    [InlineData(HttpProtocols.Http1, "--http1.1", "HTTP/1.1")]
    [InlineData(HttpProtocols.Http2, "--http2-prior-knowledge", "HTTP/2")]
    public async Task Curl_fetches_a_large_file_through_a_tunnel(HttpProtocols protocols, string option, string protocol)
    {
        Executable.Require("curl");
        await using var scene = await TunnelScene.StartAsync();
        await using var server = await WebServer.StartAsync(protocols);
        await scene.Ada.Tunnels.PublishAsync("web", server.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        var address = $"http://127.0.0.1:{tunnel.LocalEnd.Port}";

        var (code, hello) = await Executable.RunAsync("curl", ["-sS", option, $"{address}/hello"], null, scene.Patience);
        Assert.Equal((0, $"hello over {protocol} as 127.0.0.1"), (code, hello));
        var (fetched, file) = await Executable.RunForBytesAsync("curl", ["-sS", option, $"{address}/file/{FileLength}"], null, scene.Patience);
        Assert.Equal(0, fetched);
        Assert.Equal(SHA256.HashData(WebServer.FileOf(FileLength)), SHA256.HashData(file));
    }

    [Theory]
    [InlineData("socks5h", HttpProtocols.Http1, "--http1.1", "HTTP/1.1")]
    [InlineData("socks5h", HttpProtocols.Http2, "--http2-prior-knowledge", "HTTP/2")]
    [InlineData("http", HttpProtocols.Http1, "--http1.1", "HTTP/1.1")]
    public async Task Curl_reaches_a_service_by_its_name_through_the_proxy(string scheme, HttpProtocols protocols, string option, string protocol)
    {
        Executable.Require("curl");
        await using var scene = await TunnelScene.StartAsync();
        await using var server = await WebServer.StartAsync(protocols);
        await scene.Ada.Tunnels.PublishAsync("web", server.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0));
        string[] options = ["-sS", option, "--proxytunnel", "--proxy", $"{scheme}://any:{scene.Bob.Tunnels.Token.Reveal()}@127.0.0.1:{proxy.LocalEnd.Port}"];

        var (code, hello) = await Executable.RunAsync("curl", [.. options, "http://web.ada.home.coco/hello"], null, scene.Patience);
        Assert.Equal((0, $"hello over {protocol} as web.ada.home.coco"), (code, hello));
        var (fetched, file) = await Executable.RunForBytesAsync("curl", [.. options, "http://WEB.Ada.home.coco:8080/file/1000000"], null, scene.Patience);
        Assert.Equal(0, fetched);
        Assert.Equal(SHA256.HashData(WebServer.FileOf(1_000_000)), SHA256.HashData(file));
    }

    [Fact]
    public async Task Curl_reaches_services_by_the_proxy_of_its_environment()
    {
        Executable.Require("curl");
        await using var scene = await TunnelScene.StartAsync();
        await using var server = await WebServer.StartAsync();
        await scene.Ada.Tunnels.PublishAsync("web", server.End);
        await scene.Ada.Tunnels.PublishAsync("other", server.End);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0));
        var address = $"http://any:{scene.Bob.Tunnels.Token.Reveal()}@127.0.0.1:{proxy.LocalEnd.Port}";

        var (code, said) = await Executable.RunAsync(
            "env", [$"http_proxy={address}", "curl", "-sS", "http://web.ada.home.coco/hello", "http://other.ada.home.coco:81/hello"], null, scene.Patience);
        Assert.Equal((0, "hello over HTTP/1.1 as web.ada.home.cocohello over HTTP/1.1 as other.ada.home.coco"), (code, said));
        var (fetched, file) = await Executable.RunForBytesAsync("env", [$"http_proxy={address}", "curl", "-sS", "http://web.ada.home.coco/file/1000000"], null, scene.Patience);
        Assert.Equal(0, fetched);
        Assert.Equal(SHA256.HashData(WebServer.FileOf(1_000_000)), SHA256.HashData(file));
    }

    [Fact]
    public async Task A_web_socket_echoes_through_a_tunnel()
    {
        await using var scene = await TunnelScene.StartAsync();
        await using var server = await WebServer.StartAsync();
        await scene.Ada.Tunnels.PublishAsync("web", server.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new($"ws://127.0.0.1:{tunnel.LocalEnd.Port}/echo"), scene.Patience);
        var buffer = new byte[64 * 1024];

        foreach (var length in (int[])[1, 125, 126, 65_535])
        {
            var sent = WebServer.FileOf(length);
            await socket.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, scene.Patience);
            var got = 0;
            while (await socket.ReceiveAsync(buffer.AsMemory(got), scene.Patience) is var part && (got += part.Count) < length) { Assert.False(part.EndOfMessage); }
            Assert.Equal(sent, buffer[..got]);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, scene.Patience);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Fact]
    public async Task Socat_ends_its_half_and_reads_on()
    {
        Executable.Require("socat");
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("sort", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "sort", TunnelEnd.Tcp(0), LocalAccess.Anyone);

        var running = Executable.RunAsync("socat", ["-t", "20", "-", $"TCP4:127.0.0.1:{tunnel.LocalEnd.Port}"], "c\nb\na\n"u8.ToArray(), scene.Patience);
        using var served = await target.AcceptAsync(scene.Patience);
        var lines = await scene.ReadToEndAsync(served);
        await served.SendAsync(System.Text.Encoding.ASCII.GetBytes(string.Concat(lines.Split('\n').Order(StringComparer.Ordinal).Select(static line => line + "\n"))));
        served.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.Equal((0, "\na\nb\nc\n"), await running);
    }
}
