using System.Net;
using System.Text;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>A server of RTSP that Ada offers as <c>camera</c>, open at a local end of Bob's.</summary>
internal sealed class RtspScene : IAsyncDisposable
{
    private readonly TunnelScene _scene;
    private readonly List<RtspTalk> _talks = [];

    private RtspScene(TunnelScene scene, RtspServer server, PublishedService service, Tunnel tunnel) => (_scene, Server, Service, Tunnel) = (scene, server, service, tunnel);

    public Node Bob => _scene.Bob;

    public RtspServer Server { get; }

    public PublishedService Service { get; }

    public Tunnel Tunnel { get; }

    public CancellationToken Patience => _scene.Patience;

    public static async Task<RtspScene> StartAsync(TunnelEnd? local = null, TunnelOptions? options = null)
    {
        var scene = await TunnelScene.StartAsync(options: options);
        var server = new RtspServer();
        var service = await scene.Ada.Tunnels.PublishAsync("camera", server.End);
        return new(scene, server, service, await scene.Bob.Tunnels.OpenAsync("ada", "camera", local ?? TunnelEnd.Tcp(0), LocalAccess.Anyone));
    }

    /// <summary>A player that has connected and said nothing.</summary>
    public async Task<RtspTalk> PlayAsync()
    {
        var talk = new RtspTalk(await _scene.ConnectAsync(Tunnel), Patience);
        _talks.Add(talk);
        return talk;
    }

    /// <summary>A player, and the server, that have agreed on nothing yet.</summary>
    public async Task<(RtspTalk Player, RtspTalk Server)> ConnectAsync()
    {
        var player = await PlayAsync();
        await player.SayAsync("OPTIONS * RTSP/1.0\r\nCSeq: 0\r\n\r\n");
        var server = await Server.AcceptAsync(Patience);
        _talks.Add(server);
        await server.ReadAsync();
        await server.SayAsync("RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n");
        await player.ReadAsync();
        return (player, server);
    }

    /// <summary>Both sides say something; answers with what the player hears.</summary>
    public async Task<RtspText> ExchangeAsync(RtspTalk player, RtspTalk server, string request, string answer)
    {
        await player.SayAsync(request);
        Assert.Equal(request.Split("\r\n")[0], (await server.ReadAsync()).First);
        await server.SayAsync(answer);
        return await player.ReadAsync();
    }

    /// <summary>Sets up a stream with datagrams; answers with what the server was asked and what the player was told.</summary>
    public async Task<(RtspText Server, RtspText Player)> SetUpAsync(
        RtspTalk player, RtspTalk server, int cseq, MediaPair players, MediaPair servers, string more = "", Func<RtspText, Task>? beforeAnswer = null)
    {
        await player.SayAsync($"SETUP rtsp://127.0.0.1/door/{cseq} RTSP/1.0\r\nCSeq: {cseq}\r\nTransport: RTP/AVP;unicast;client_port={players.Ports}{more}\r\n\r\n");
        var asked = await server.ReadAsync();
        if (beforeAnswer is not null) { await beforeAnswer(asked); }
        await server.SayAsync($"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nSession: 42;timeout=60\r\nTransport: RTP/AVP;unicast;client_port={asked.Of("client_port")};server_port={servers.Ports}\r\n\r\n");
        return (asked, await player.ReadAsync());
    }

    /// <summary>Sends a datagram to a port of one end, which has to come from a port of the other.</summary>
    public async Task PassAsync(UdpTarget from, int to, UdpTarget receiver, int sender, string text)
    {
        await from.SendAsync(Encoding.ASCII.GetBytes(text), MediaPair.At(to));
        var (data, source) = await receiver.ReceiveAsync(Patience);
        Assert.Equal((text, sender), (Encoding.ASCII.GetString(data), ((IPEndPoint)source).Port));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var talk in _talks) { talk.Dispose(); }
        await _scene.DisposeAsync();
        Server.Dispose();
    }
}
