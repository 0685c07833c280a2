using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Coco.Cli.Tests;

/// <summary>Tunnels, the proxy, ping and graph, between daemons on loopback.</summary>
public sealed class TunnelCommandTests
{
    [Fact]
    public async Task A_service_that_is_published_is_opened_used_listed_and_closed()
    {
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");

        Assert.Contains("echo", await pair.Laptop.DoAsync("tunnel", "list", "kitchen"));
        var open = await pair.Laptop.AskAsync("tunnel", "open", "kitchen", "echo", "--user");
        Assert.Equal("ping", await SayAsync(open, "ping"));

        var listed = await pair.Laptop.AskAsync("tunnel", "list");
        Assert.Equal(4, listed.GetProperty("tunnels")[0].GetProperty("traffic").GetProperty("bytesToPeers").GetInt64());
        await pair.Laptop.DoAsync("tunnel", "close", "echo@kitchen");
        await Assert.ThrowsAnyAsync<SocketException>(() => SayAsync(open, "ping"));
        await pair.Kitchen.DoAsync("tunnel", "close", "echo");
        Assert.DoesNotContain("echo", await pair.Laptop.DoAsync("tunnel", "list", "kitchen"));
    }

    [Fact] // the steps of README's quick start, by one who has joined as a guest
    public async Task A_guest_uses_what_the_policy_is_told_to_allow()
    {
        using var web = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Laptop.DoAsync("tunnel", "publish", "web", $"{web.Port}");
        var open = await pair.Kitchen.AskAsync("tunnel", "open", "laptop", "web", "0", "--user");
        Assert.False(await IsServedAsync());
        Assert.Contains("policy", (await pair.Kitchen.AskAsync("tunnel", "list")).GetProperty("tunnels")[0].GetProperty("problem").GetString());

        Assert.Contains("allow service web from anyone", await pair.Laptop.DoAsync("policy", "allow", "service", "web", "from", "anyone"));
        await pair.Laptop.DoAsync("policy", "allow", "service web from anyone"); // once is enough
        var policy = await pair.Laptop.DoAsync("policy", "allow", "subscribe", "sensors/#", "from", "role", "guest", "--json");
        Assert.Equal(2, policy.Split("allow ").Length - 1);
        Assert.NotEqual(ExitCode.Ok, (await pair.Laptop.RunAsync("policy", "allow", "everything")).Code);
        Assert.Equal(ExitCode.NotPermitted, (await pair.Kitchen.RunAsync("policy", "allow", "service", "*", "from", "anyone")).Code);

        while (!await IsServedAsync()) { await Task.Delay(50, pair.Kitchen.Limit); }

        async Task<bool> IsServedAsync()
        {
            try { return await SayAsync(open, "ping") == "ping"; }
            catch (IOException) { return false; }
        }
    }

    [Fact]
    public async Task Tunnels_and_services_are_open_again_after_a_restart_at_the_same_port()
    {
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");
        var open = await pair.Laptop.AskAsync("tunnel", "open", "kitchen", "echo");
        var token = (await pair.Laptop.DoAsync("tunnel", "token")).Trim();

        await pair.Kitchen.DownAsync();
        await pair.Laptop.DownAsync();
        // Each finds the other at the addresses it had.
        await pair.Kitchen.UpAsync("--listen", pair.Kitchen.Address);
        await pair.Laptop.UpAsync("--listen", pair.Laptop.Address);
        await pair.Laptop.SeesAsync("kitchen");

        Assert.Equal("ping", await SayAsync(open, "ping", token));
    }

    [Fact]
    public async Task A_program_without_the_token_is_turned_away()
    {
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");
        var open = await pair.Laptop.AskAsync("tunnel", "open", "kitchen", "echo");

        await Assert.ThrowsAnyAsync<IOException>(() => SayAsync(open, "ping", new string('0', 64)));
        Assert.Contains("token", (await pair.Laptop.AskAsync("tunnel", "list")).GetProperty("tunnels")[0].GetProperty("problem").GetString());
    }

    [Fact]
    public async Task The_proxy_reaches_services_by_name()
    {
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");
        var proxy = await pair.Laptop.AskAsync("proxy", "--user");

        using var client = new TcpClient();
        await client.ConnectAsync(EndOf(proxy), pair.Laptop.Limit);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("CONNECT echo.kitchen.home.coco:80 HTTP/1.1\r\n\r\n"), pair.Laptop.Limit);
        using var reader = new StreamReader(stream);
        Assert.Contains("200", await reader.ReadLineAsync(pair.Laptop.Limit));
    }

    [Fact]
    public async Task A_local_port_in_use_and_a_service_that_is_there_already_are_named()
    {
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        var taken = await pair.Laptop.RunAsync("tunnel", "open", "kitchen", "echo", $"{server.Port}", "--user");
        Assert.Equal(ExitCode.Failed, taken.Code);
        Assert.Contains($"{server.Port}", taken.Error);

        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");
        Assert.Contains("another name", (await pair.Kitchen.RunAsync("tunnel", "publish", "echo", "1")).Error);
        Assert.Contains("Did you mean kitchen?", (await pair.Laptop.RunAsync("tunnel", "list", "kichten")).Error);
        Assert.Contains("Did you mean echo?", (await pair.Kitchen.RunAsync("tunnel", "close", "ehco")).Error);
        Assert.Contains("--user", (await pair.Laptop.RunAsync("tunnel", "open", "kitchen", "echo", "udp:0")).Error);
        Assert.Contains("--anyone", (await pair.Laptop.RunAsync("tunnel", "open", "kitchen", "echo", "tcp:192.0.2.1:0")).Error);
    }

    [Fact]
    public async Task A_camera_is_offered_as_what_it_is_and_opened_as_a_port()
    {
        const string Options = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"; // which the server may ask as well
        using var server = new EchoServer();
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DoAsync("tunnel", "publish", "camera", $"rtsp:{server.Port}");
        await pair.Kitchen.DoAsync("tunnel", "publish", "echo", $"{server.Port}");
        Assert.Contains($"rtsp:127.0.0.1:{server.Port}", await pair.Kitchen.DoAsync("tunnel", "list"));

        Assert.Matches(@"camera +RTSP\b", await pair.Laptop.DoAsync("tunnel", "list", "kitchen"));
        var offers = (await pair.Laptop.AskAsync("tunnel", "list", "kitchen")).GetProperty("services").EnumerateArray();
        Assert.Equal([("camera", true), ("echo", false)], offers.Select(static one => (one.GetProperty("name").GetString(), one.GetProperty("isRtsp").GetBoolean())));
        var open = await pair.Laptop.AskAsync("tunnel", "open", "kitchen", "camera", "rtsp:0", "--user");
        Assert.Equal(Options, await SayAsync(open, Options));
        Assert.Contains("400 Bad Request", await SayAsync(open, "ping\r\n\r\n"));
    }

    [Fact]
    public async Task Kinds_of_ends_are_completed_and_what_is_none_is_named()
    {
        await using var pair = await TestPair.StartAsync();
        Assert.Contains("rtsp:", await pair.Laptop.DoAsync("complete", "27", "coco tunnel publish camera "));
        Assert.Contains("rtsp:host:port", (await pair.Kitchen.RunAsync("tunnel", "publish", "camera", "rtsp://192.0.2.7/door")).Error);
        Assert.Contains("neither", (await pair.Kitchen.RunAsync("mqtt", "open", "rtsp:0")).Error);
        Assert.Contains("TCP port", (await pair.Kitchen.RunAsync("proxy", "rtsp:0")).Error);
    }

    [Fact]
    public async Task Ping_measures_and_tells_the_way()
    {
        await using var pair = await TestPair.StartAsync();
        var lines = (await pair.Laptop.DoAsync("ping", "kitchen", "--count", "3", "--interval", "0.01s", "--json")).TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        using var last = JsonDocument.Parse(lines[2]);
        Assert.Equal((3, "udp", "kitchen"), (last.RootElement.GetProperty("sequence").GetInt32(), last.RootElement.GetProperty("path").GetString(), last.RootElement.GetProperty("node").GetString()));
        Assert.InRange(last.RootElement.GetProperty("roundTripMs").GetDouble(), 0.001, 5_000);
        Assert.Contains("3 of 3 answered", await pair.Laptop.DoAsync("ping", "kitchen", "-c", "3", "-i", "0.01s"));
    }

    [Fact]
    public async Task Ping_of_a_node_that_is_off_ends_with_6()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DownAsync();
        await pair.Laptop.SeesAsync("kitchen", isReachable: false);
        Assert.Equal(ExitCode.Unreachable, (await pair.Laptop.RunAsync("ping", "kitchen", "-c", "1")).Code);
    }

    [Fact]
    public async Task The_graph_is_drawn_as_text_as_Graphviz_and_as_SVG()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Laptop.AskUntilAsync(answer => answer.GetProperty("links").GetArrayLength() == 1, "graph");

        Assert.Matches(@"^laptop \(this node\)\n└─ kitchen  [\d.]+ ms\n$", await pair.Laptop.DoAsync("graph"));
        Assert.Contains("label=\"kitchen\"", await pair.Laptop.DoAsync("graph", "--dot"));
        var picture = XDocument.Parse(await pair.Laptop.DoAsync("graph", "--svg"));
        Assert.Equal(2, picture.Descendants().Count(one => one.Name.LocalName == "circle"));
        Assert.Single(picture.Descendants(), one => one.Name.LocalName == "line");
    }

    private static IPEndPoint EndOf(JsonElement tunnel) => IPEndPoint.Parse(tunnel.GetProperty("local").GetString()!["tcp:".Length..]);

    private static async Task<string> SayAsync(JsonElement tunnel, string text, string? token = null)
    {
        using var patience = new CancellationTokenSource(TestDaemon.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(EndOf(tunnel), patience.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(token is null ? text : $"{token}\n{text}"), patience.Token);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(patience.Token);
    }
}
