using System.Net.WebSockets;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>Web clients and servers that know nothing of Coco, on two sides of two real NATs. COCO_ALL=1 fetches a gigabyte.</summary>
[Collection(EndpointLab.Collection)]
public sealed class WebThroughNatsTests
{
    private const int RoamAfter = 4 << 20; // bytes: well on the way

    private static readonly int Megabytes = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1024 : 100;

    [Theory]
    [InlineData(HttpProtocols.Http1, "--http1.1")]
    [InlineData(HttpProtocols.Http2, "--http2-prior-knowledge")]
    public async Task A_large_download_comes_whole(HttpProtocols protocols, string option)
    {
        ForeignProgram.Require("curl");
        await using var town = await TunnelTown.StartAsync();
        await using var server = await LabWebServer.StartAsync(protocols);
        await using var tunnel = await town.OpenAsync(server.End);

        var (hash, _) = await ForeignProgram.HashAsync("curl", ["-sS", option, $"http://127.0.0.1:{tunnel.LocalEnd.Port}/file/{Megabytes}"], null, town.Over);
        Assert.Equal(LabWebServer.HashOf(Megabytes), hash);
    }

    [Theory]
    [InlineData(Roam.ToAnotherHome, HttpProtocols.Http1, "--http1.1")]
    [InlineData(Roam.ToAnotherLease, HttpProtocols.Http1, "--http1.1")]
    [InlineData(Roam.BehindARouterThatForgets, HttpProtocols.Http1, "--http1.1")]
    [InlineData(Roam.ToAnotherHome, HttpProtocols.Http2, "--http2-prior-knowledge")]
    public async Task A_connection_is_kept_and_loses_no_byte_while_its_client_roams(Roam how, HttpProtocols protocols, string option)
    {
        ForeignProgram.Require("curl");
        await using var town = await TunnelTown.StartAsync();
        await using var server = await LabWebServer.StartAsync(protocols);
        await using var tunnel = await town.OpenAsync(server.End);
        // curl 7.88 (Debian 12) fails at a second request in HTTP/2 by prior knowledge, to any server.
        int[] files = protocols is HttpProtocols.Http1 ? [Megabytes, 3] : [Megabytes];
        var addresses = files.Select(file => $"http://127.0.0.1:{tunnel.LocalEnd.Port}/file/{file}");
        var roaming = Task.CompletedTask;

        var (hash, said) = await ForeignProgram.HashAsync("curl", ["-sS", option, "-w", "%{stderr}%{num_connects} ", .. addresses], got =>
        {
            if (got >= RoamAfter && roaming == Task.CompletedTask) { roaming = Task.Run(() => town.Roam(how)); }
        }, town.Over);
        await roaming;

        Assert.Equal(files.Length == 2 ? "1 0 " : "1 ", said); // connections made for each file
        Assert.Equal(LabWebServer.HashOf(files), hash);
        Assert.Equal(1, tunnel.Statistics.Connections);
    }

    [Fact]
    public async Task Curl_gets_two_files_over_one_connection_of_HTTP_2_and_TLS_while_its_client_roams()
    {
        ForeignProgram.Require("curl");
        await using var town = await TunnelTown.StartAsync(NatKind.Symmetric, NatKind.PortRestricted);
        await using var server = await LabWebServer.StartAsync(HttpProtocols.Http1AndHttp2, hasTls: true);
        await using var tunnel = await town.OpenAsync(server.End);
        using var folder = new LabFolder();
        await File.WriteAllTextAsync(folder.PathOf("server.pem"), server.CertificatePem, town.Over);
        int[] files = [Megabytes, 3];
        var addresses = files.Select(file => $"https://127.0.0.1:{tunnel.LocalEnd.Port}/file/{file}");
        var roaming = Task.CompletedTask;

        string[] options = ["-sS", "--http2", "--cacert", folder.PathOf("server.pem"), "-w", "%{stderr}%{http_version}/%{num_connects} "];
        var (hash, said) = await ForeignProgram.HashAsync("curl", [.. options, .. addresses], got =>
        {
            if (got >= RoamAfter && roaming == Task.CompletedTask) { roaming = Task.Run(() => town.Roam(Roam.ToAnotherHome)); }
        }, town.Over);
        await roaming;

        Assert.Equal("2/1 2/0 ", said); // the protocol, and connections made for each file
        Assert.Equal(LabWebServer.HashOf(files), hash);
        Assert.Equal(1, tunnel.Statistics.Connections);
    }

    [Fact]
    public async Task A_web_socket_echoes_before_and_after_its_client_roams()
    {
        await using var town = await TunnelTown.StartAsync();
        await using var server = await LabWebServer.StartAsync();
        await using var tunnel = await town.OpenAsync(server.End);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new($"ws://127.0.0.1:{tunnel.LocalEnd.Port}/echo"), town.Over);

        await EchoAsync(socket, town.Over);
        town.Roam(Roam.ToAnotherHome);
        await EchoAsync(socket, town.Over);
        town.Roam(Roam.ToAnotherLease);
        await EchoAsync(socket, town.Over);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, town.Over);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    private static async Task EchoAsync(ClientWebSocket socket, CancellationToken over)
    {
        var (sent, got) = (new byte[100_000], new byte[100_000]);
        new Random(1).NextBytes(sent);
        await socket.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, over);
        for (var length = 0; length < sent.Length;)
        {
            var part = await socket.ReceiveAsync(got.AsMemory(length), over);
            length += part.Count;
            Assert.Equal(length == sent.Length, part.EndOfMessage);
        }
        Assert.Equal(sent, got);
    }
}
