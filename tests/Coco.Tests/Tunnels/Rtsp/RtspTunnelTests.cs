using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>A camera at Ada's, and a player at Bob's that asks for media at ports of its own.</summary>
public sealed class RtspTunnelTests
{
    [Fact]
    public async Task Sound_and_picture_come_as_datagrams_and_reports_go_back()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        using MediaPair playersPicture = MediaPair.Listen(), playersSound = MediaPair.Listen(), serversPicture = MediaPair.Listen(), serversSound = MediaPair.Listen();
        var picture = await scene.SetUpAsync(player, server, 1, playersPicture, serversPicture);
        var sound = await scene.SetUpAsync(player, server, 2, playersSound, serversSound);

        foreach (var (told, playersOwn, serversOwn) in new[] { (picture, playersPicture, serversPicture), (sound, playersSound, serversSound) })
        {
            var (here, there) = (told.Player.PortsOf("server_port"), told.Server.PortsOf("client_port"));
            Assert.Equal((playersOwn.Ports, "127.0.0.1"), (told.Player.Of("client_port"), told.Player.Of("source")));
            foreach (var pair in new[] { here, there }) { Assert.Equal((0, 1), (pair[0] % 2, pair[1] - pair[0])); } // RFC 3550 §11
            await scene.PassAsync(playersOwn.Rtp, here[0], serversOwn.Rtp, there[0], "a hole");
            await scene.PassAsync(serversOwn.Rtp, there[0], playersOwn.Rtp, here[0], new('m', 1400));
            await scene.PassAsync(serversOwn.Rtp, there[0], playersOwn.Rtp, here[0], new('k', 9000)); // in pieces
            await scene.PassAsync(serversOwn.Rtcp, there[1], playersOwn.Rtcp, here[1], "sender's report");
            await scene.PassAsync(playersOwn.Rtcp, here[1], serversOwn.Rtcp, there[1], "receiver's report");
        }
        Assert.Equal(0, scene.Tunnel.Statistics.DatagramsLost + scene.Service.Statistics.DatagramsLost);
    }

    [Fact]
    public async Task What_a_player_records_goes_to_the_server()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        const string Description = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 0 RTP/AVP 96\r\na=control:streamid=0\r\n";
        await player.SayAsync($"ANNOUNCE rtsp://127.0.0.1/live RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: {Description.Length}\r\n\r\n{Description}");
        Assert.Equal(Description, (await server.ReadAsync()).Body);
        await server.SayAsync("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
        Assert.Equal("RTSP/1.0 200 OK", (await player.ReadAsync()).First);
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();

        var told = await scene.SetUpAsync(player, server, 2, players, servers, ";mode=record");

        Assert.EndsWith(";mode=record", told.Server["Transport"], StringComparison.Ordinal);
        await scene.PassAsync(players.Rtp, told.Player.PortsOf("server_port")[0], servers.Rtp, told.Server.PortsOf("client_port")[0], "picture");
    }

    [Fact]
    public async Task Datagrams_of_others_are_not_taken()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();
        using var stranger = UdpTarget.Listen();
        var told = await scene.SetUpAsync(player, server, 1, players, servers, beforeAnswer: async asked =>
        {
            await stranger.SendAsync("before anybody knows who may"u8.ToArray(), MediaPair.At(asked.PortsOf("client_port")[0]));
        });
        var (here, there) = (told.Player.PortsOf("server_port")[0], told.Server.PortsOf("client_port")[0]);

        await stranger.SendAsync("forged"u8.ToArray(), MediaPair.At(here));
        await stranger.SendAsync("forged"u8.ToArray(), MediaPair.At(there));

        // The first that comes is none of them.
        await scene.PassAsync(players.Rtp, here, servers.Rtp, there, "own");
        await scene.PassAsync(servers.Rtp, there, players.Rtp, here, "own");
        Assert.Equal(0, players.Rtp.Available + servers.Rtp.Available);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ports_are_closed_with_what_is_torn_down_or_with_the_connection(bool isTornDown)
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();
        var told = await scene.SetUpAsync(player, server, 1, players, servers);
        int[] ports = [.. told.Player.PortsOf("server_port"), .. told.Server.PortsOf("client_port")];
        Assert.All(ports, static port => Assert.False(IsFree(port)));

        if (isTornDown)
        {
            await player.SayAsync("TEARDOWN rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: 9\r\nSession: 42\r\n\r\n");
            await server.ReadAsync();
            await server.SayAsync("RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n");
            Assert.Equal("RTSP/1.0 200 OK", (await player.ReadAsync()).First);
            Assert.All(ports, static port => Assert.True(IsFree(port)));
            Assert.Equal("RTSP/1.0 200 OK", (await scene.ExchangeAsync(player, server, "OPTIONS * RTSP/1.0\r\nCSeq: 10\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 10\r\n\r\n")).First);
        }
        else
        {
            player.Dispose();
            while (!ports.All(IsFree)) { await Task.Delay(10, scene.Patience); }
        }
    }

    [Fact]
    public async Task A_closed_tunnel_closes_its_ports()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();
        var told = await scene.SetUpAsync(player, server, 1, players, servers);
        await scene.Tunnel.DisposeAsync();
        while (!told.Player.PortsOf("server_port").Concat(told.Server.PortsOf("client_port")).All(IsFree)) { await Task.Delay(10, scene.Patience); }
    }

    [Theory]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;destination=127.0.0.2")]
    [InlineData("RTP/AVP;multicast")]
    public async Task Media_go_to_nobody_but_the_player(string asked)
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        Assert.Equal("RTSP/1.0 461 Unsupported Transport", (await player.AskAsync(Setup(1, asked))).First);
        // The server has not heard of it.
        await player.SayAsync(Setup(2, $"{asked},RTP/AVP/TCP;unicast;interleaved=0-1"));
        Assert.Equal("RTP/AVP/TCP;unicast;interleaved=0-1", (await server.ReadAsync())["Transport"]);
    }

    [Fact]
    public async Task Media_on_the_connection_go_through_as_they_are()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        var answer = await scene.ExchangeAsync(player, server, Setup(1, "RTP/AVP/TCP;unicast;interleaved=0-1"), "RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 42\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n");
        Assert.Equal("RTP/AVP/TCP;unicast;interleaved=0-1", answer["Transport"]);
        var random = new Random(5);
        var frames = new StringBuilder();
        for (var i = 0; i < 400; i++)
        {
            var length = i % 100 == 0 ? ushort.MaxValue : random.Next(1500);
            frames.Append('$').Append((char)(i % 2)).Append((char)(length >> 8)).Append((char)(length & 0xFF)).Append(new string((char)random.Next(256), length));
            if (i % 50 == 0) { frames.Append($"RTSP/1.0 200 OK\r\nCSeq: {i}\r\n\r\n"); }
        }
        var sending = server.SayAsync(frames.ToString());
        Assert.Equal(frames.ToString(), await player.ReadAsync(frames.Length));
        await sending;
        await player.SayAsync("$\u0001\0\u0004back");
        Assert.Equal("$\u0001\0\u0004back", await server.ReadAsync(8));
    }

    [Fact]
    public async Task An_end_of_either_side_is_passed_on()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        server.Dispose();
        Assert.True(await player.HasEndedAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n", false)] // does not look like RTSP, and does not wait for the answer
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", false)]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: x\r\n\r\n", false)]
    [InlineData("OPTIONS * RTSP/1.0\r\nContent-Length: 2000000\r\n\r\n", true)]
    public async Task What_is_no_RTSP_is_refused_and_named(string text, bool isTooLong)
    {
        await using var scene = await RtspScene.StartAsync();
        using (var player = await scene.PlayAsync())
        {
            Assert.Equal(isTooLong ? "RTSP/1.0 413 Request Entity Too Large" : "RTSP/1.0 400 Bad Request", (await player.AskAsync(text)).First);
            Assert.True(await player.HasEndedAsync());
        }
        while ((scene.Tunnel.LastFailure ?? scene.Service.LastFailure) is null) { await Task.Delay(10, scene.Patience); }
        Assert.Contains("RTSP", (scene.Tunnel.LastFailure ?? scene.Service.LastFailure)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_speaks_something_else_is_named()
    {
        await using var scene = await RtspScene.StartAsync();
        using var player = await scene.PlayAsync();
        await player.SayAsync("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
        using var server = await scene.Server.AcceptAsync(scene.Patience);
        await server.ReadAsync();
        await server.SayAsync("220 mail.example ESMTP\r\n\r\n");
        await Assert.ThrowsAsync<SocketException>(player.HasEndedAsync);
        while (scene.Service.LastFailure is null) { await Task.Delay(10, scene.Patience); }
        Assert.Contains("no RTSP", scene.Service.LastFailure!.Message, StringComparison.Ordinal);
    }

    [Fact] // the stream of an app, or of a release before this one: what the player says comes as it is
    public async Task An_end_that_carries_no_media_is_refused_them_and_gets_all_else()
    {
        await using var scene = await RtspScene.StartAsync();
        await using var stream = await scene.Bob.Tunnels.ConnectAsync("ada", "camera", scene.Patience);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Setup(1, "RTP/AVP;unicast;client_port=5000-5001")), scene.Patience);
        var answer = new byte[200];
        var length = await stream.ReadAsync(answer, scene.Patience);
        Assert.StartsWith("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 1\r\n", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        Assert.Contains("update", scene.Service.LastFailure!.Message, StringComparison.Ordinal);

        await stream.WriteAsync(Encoding.ASCII.GetBytes(Setup(2, "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=0-1")), scene.Patience);
        using var server = await scene.Server.AcceptAsync(scene.Patience);
        Assert.Equal("RTP/AVP/TCP;unicast;interleaved=0-1", (await server.ReadAsync())["Transport"]);
    }

    [Fact]
    public async Task Where_a_player_has_no_address_it_is_refused_datagrams()
    {
        using var folder = new SocketFolder();
        await using var scene = await RtspScene.StartAsync(TunnelEnd.Unix(folder.PathOf("player")));
        using var player = await scene.PlayAsync();
        Assert.Equal("RTSP/1.0 461 Unsupported Transport", (await player.AskAsync(Setup(1, "RTP/AVP;unicast;client_port=5000-5001"))).First);
    }

    [Fact]
    public async Task A_server_that_does_not_name_its_ports_is_known_by_what_it_sends()
    {
        await using var scene = await RtspScene.StartAsync();
        var (player, server) = await scene.ConnectAsync();
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();
        await player.SayAsync(Setup(1, $"RTP/AVP;unicast;client_port={players.Ports}"));
        var there = (await server.ReadAsync()).PortsOf("client_port");
        await server.SayAsync("RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 42\r\nTransport: RTP/AVP;unicast\r\n\r\n");
        var here = (await player.ReadAsync()).PortsOf("server_port");
        if (OperatingSystem.IsLinux()) // whose loopback has more than one address
        {
            using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
            await stranger.SendToAsync("forged"u8.ToArray(), SocketFlags.None, MediaPair.At(there[0]));
        }

        await scene.PassAsync(servers.Rtp, there[0], players.Rtp, here[0], "picture");
        await scene.PassAsync(servers.Rtp, there[0], players.Rtp, here[0], "more");
        await scene.PassAsync(players.Rtp, here[0], servers.Rtp, there[0], "a hole");
    }

    [Fact]
    public async Task Where_there_are_no_more_ports_media_are_had_on_the_connection_only()
    {
        await using var scene = await RtspScene.StartAsync(options: new() { MaxFlows = 3 });
        var (player, server) = await scene.ConnectAsync();
        using MediaPair players = MediaPair.Listen(), servers = MediaPair.Listen();
        await scene.SetUpAsync(player, server, 1, players, servers);
        Assert.Equal("RTSP/1.0 461 Unsupported Transport", (await player.AskAsync(Setup(2, "RTP/AVP;unicast;client_port=5000-5001"))).First);
        Assert.Contains("no more ports", scene.Tunnel.LastFailure!.Message, StringComparison.Ordinal);

        await scene.ExchangeAsync(player, server, "TEARDOWN rtsp://127.0.0.1/door RTSP/1.0\r\nCSeq: 9\r\nSession: 42\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n");
        await scene.SetUpAsync(player, server, 3, players, servers); // as before
    }

    [Fact]
    public async Task A_service_that_is_published_as_tcp_is_not_read()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("camera", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "camera", TunnelEnd.Rtsp(0), LocalAccess.Anyone);
        using var player = await scene.ConnectAsync(tunnel);
        var text = Setup(1, "RTP/AVP;multicast");
        await player.SendAsync(Encoding.ASCII.GetBytes(text), scene.Patience);
        using var served = await target.AcceptAsync(scene.Patience);

        Assert.Equal(text, await scene.ReadAsync(served, text.Length));
        Assert.Equal(TunnelKind.Tcp, tunnel.LocalEnd.Kind);
        Assert.Equal([new TunnelOffer("camera", false)], await scene.Bob.Tunnels.ListAsync("ada", scene.Patience));
    }

    [Fact]
    public async Task A_list_says_what_is_RTSP()
    {
        await using var scene = await RtspScene.StartAsync();
        Assert.Equal([new TunnelOffer("camera", false) { IsRtsp = true }], await scene.Bob.Tunnels.ListAsync("ada", scene.Patience));
    }

    private static string Setup(int cseq, string transport) => $"SETUP rtsp://127.0.0.1/door/{cseq} RTSP/1.0\r\nCSeq: {cseq}\r\nTransport: {transport}\r\n\r\n";

    private static bool IsFree(int port)
    {
        try
        {
            using var _ = UdpTarget.Listen(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
