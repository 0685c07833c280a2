using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Certificates;
using Coco.Crypto;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Coco.Transport.Endpoint;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>The relay's WebSockets by the port of the API.</summary>
public sealed class RelayDoorTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(RelayScene.Patience);
    private readonly List<IAsyncDisposable> _nodes = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly int _port = Pebble.FreePort();

    private string Url => string.Create(CultureInfo.InvariantCulture, $"wss://127.0.0.1:{_port}/coco");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) { await node.DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
        _patience.Dispose();
    }

    [Theory]
    [InlineData(false)] // no port but the API's
    [InlineData(true)] // QUIC beside it, by UDP on the port of the same number
    public async Task Nodes_that_can_reach_nothing_but_the_port_of_the_API_meet_and_talk_through_it(bool hasUdp)
    {
        await using var plane = await StartAsync(new() { WebSocketOnApi = hasUdp ? null : true, Listen = hasUdp ? [$"127.0.0.1:{_port}"] : [] });
        var relay = plane.Host.Services.GetRequiredService<RelayInstance>().Info!;
        Assert.Equal((Url, hasUdp ? 1 : 0), (relay.Url, relay.Addresses.Count));
        Assert.Equal(Url, (await plane.SendAsync<ServiceView>("GET", "/v1/service")).Relay!.Url);
        var byUrl = new RelayInfo(relay.Id, [], relay.Url);

        var (caller, callee) = (await StartNodeAsync(byUrl), await StartNodeAsync(hasUdp ? new(relay.Id, relay.Addresses) : byUrl));
        var (client, server) = await RelayScene.ConnectAsync(caller, callee);
        await RelayScene.SendAsync(client, server, 1_000_000);
        await RelayScene.SendAsync(server, client, 1_000_000);

        Assert.Equal("Healthy", await plane.Http.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task An_instance_that_stops_does_not_wait_for_WebSockets_longer_than_its_relay_does_and_tells_them_to_go()
    {
        var plane = await StartAsync(new() { WebSocketOnApi = true, DrainTime = TimeSpan.FromSeconds(1) });
        var relay = plane.Host.Services.GetRequiredService<RelayInstance>();
        var (caller, callee) = (await StartNodeAsync(relay.Info!), await StartNodeAsync(relay.Info!));
        await RelayScene.ConnectAsync(caller, callee);

        var start = Stopwatch.GetTimestamp();
        await plane.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 8); // DrainTime of the API is 10 s
        await RelayScene.UntilAsync(() => caller.Record is not { Relays.Count: > 0 });
        Assert.Contains(plane.Log.Lines, static line => line.Contains("drained and stopped", StringComparison.Ordinal));
    }

    [Theory] // RFC 6455 §4.2.1, as the relay's own listener has it
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 404 Not Found")]
    [InlineData("POST /coco HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n", "HTTP/1.1 405 Method Not Allowed")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n", "HTTP/1.1 404 Not Found")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n", "HTTP/1.1 426 Upgrade Required")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\nSec-WebSocket-Protocol: coco\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET /cocoa HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: coco\r\n", "HTTP/1.1 404 Not Found")]
    [InlineData("GET /coco HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: coco\r\n", "HTTP/1.1 101 Switching Protocols")]
    public async Task Requests_that_are_malformed_are_refused(string request, string status)
    {
        await using var plane = await StartAsync(new() { WebSocketOnApi = true });

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await using var tls = await SecureAsync(client);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(request + "\r\n"), _patience.Token);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.Equal(status, await reader.ReadLineAsync(_patience.Token));
    }

    [Fact]
    public async Task Where_the_relay_takes_none_there_is_nothing()
    {
        await using var plane = await StartAsync(new() { WebSocketOnApi = false, Listen = ["127.0.0.1:0"] });

        var refused = await Assert.ThrowsAsync<WebSocketException>(ConnectAsync);

        Assert.Contains("404", refused.Message, StringComparison.Ordinal);
        Assert.Null(plane.Host.Services.GetRequiredService<RelayInstance>().Info!.Url);
    }

    [Theory] // RFC 6455 §7.4.1
    [InlineData(WebSocketMessageType.Text, 10, WebSocketCloseStatus.InvalidMessageType)]
    [InlineData(WebSocketMessageType.Binary, 65_536, WebSocketCloseStatus.MessageTooBig)]
    [InlineData(WebSocketMessageType.Binary, 300_000, WebSocketCloseStatus.MessageTooBig)]
    public async Task What_is_no_datagram_closes_with_the_code_that_says_so(WebSocketMessageType type, int length, WebSocketCloseStatus status)
    {
        await using var plane = await StartAsync(new() { WebSocketOnApi = true });
        using var client = await ConnectAsync();
        await client.SendAsync(new byte[length], type, endOfMessage: true, _patience.Token);

        var closing = await client.ReceiveAsync(new byte[100], _patience.Token);

        Assert.Equal((WebSocketMessageType.Close, status), (closing.MessageType, client.CloseStatus));
    }

    [Fact]
    public async Task Strangers_of_one_address_get_so_many_places_and_lose_them_when_they_do_not_say_who_they_are()
    {
        await using var plane = await StartAsync(new() { WebSocketOnApi = true });
        var clients = new List<ClientWebSocket>();
        for (var i = 0; i < 16; i++) { clients.Add(await ConnectAsync()); }

        Assert.Contains("503", (await Assert.ThrowsAsync<WebSocketException>(ConnectAsync)).Message, StringComparison.Ordinal);

        // They have 10 s.
        foreach (var client in clients)
        {
            await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync(new byte[10], _patience.Token));
            client.Dispose();
        }
        using var another = await ConnectAsync();
        Assert.Equal(WebSocketState.Open, another.State);
    }

    [Theory]
    [InlineData("https://control.example", null, "wss://control.example/coco")]
    [InlineData("https://control.example:8443", null, "wss://control.example:8443/coco")]
    [InlineData("https://control.example", "wss://other.example/x", "wss://other.example/x")]
    [InlineData("http://control.example", null, null)]
    [InlineData(null, null, null)]
    public void The_relay_is_told_to_be_where_the_API_is_unless_something_else_is_said(string? publicUrl, string? said, string? told)
    {
        var settings = new ControlPlaneSettings { PublicUrl = publicUrl, Relaying = new() { Listen = ["0.0.0.0:443"], Url = said } };

        Assert.Equal(told, settings.RelayUrl);
        Assert.Equal(said, (settings with { Relaying = settings.Relaying with { WebSocketOnApi = false } }).RelayUrl);
        Assert.Equal(said, (settings with { Database = "postgres:Host=x" }).RelayUrl); // the address of one instance of several is not known
    }

    [Theory]
    [InlineData("0.0.0.0:443", true)]
    [InlineData("192.0.2.1:443", true)]
    [InlineData("192.0.2.2:443", false)]
    [InlineData("0.0.0.0:4433", false)]
    public void A_port_is_the_APIs_where_both_would_listen_for_TCP(string place, bool isOfApi) =>
        Assert.Equal(isOfApi, new ControlPlaneSettings { Listen = ["https://192.0.2.1:443"] }.IsOfApi(IPEndPoint.Parse(place)));

    private Task<TestPlane> StartAsync(RelayingSettings relaying) => TestPlane.StartAsync(change: settings => settings with
    {
        Listen = [settings.Listen[0], string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}")],
        PublicUrl = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}"),
        Relaying = relaying.DrainTime == new RelayingSettings().DrainTime ? relaying with { DrainTime = TimeSpan.Zero, ServesStrangers = true } : relaying with { ServesStrangers = true },
    });

    private async Task<Endpoint> StartNodeAsync(RelayInfo relay)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var node = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = [relay], Policy = new() { RelayOnly = true } });
        _nodes.Add(node);
        await RelayScene.UntilAsync(() => node.Record is { Relays.Count: > 0 });
        return node;
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var client = new ClientWebSocket();
        client.Options.AddSubProtocol("coco");
        client.Options.Proxy = null;
        client.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        try
        {
            await client.ConnectAsync(new(Url), _patience.Token);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async Task<SslStream> SecureAsync(TcpClient client)
    {
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http11], RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
            _patience.Token);
        return tls;
    }
}
