using System.Net.Sockets;
using Coco.Cluster.Membership;
using Coco.Transport;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

public sealed class TunnelTests
{
    [Fact]
    public async Task A_service_that_takes_no_more_ends_the_connection_of_a_program_that_is_silent()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        await client.SendAsync("a"u8.ToArray());
        using (var served = await target.AcceptAsync(scene.Patience))
        {
            Assert.Equal("a", await scene.ReadAsync(served, 1));
            served.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await scene.ReadToEndAsync(client)); // nothing comes any more by which a reset could be learnt
            served.LingerState = new(true, 0);
        }

        await client.SendAsync("b"u8.ToArray());
        while (tunnel.Statistics.Active != 0) { await Task.Delay(10, scene.Patience); }
    }

    [Fact]
    public async Task A_program_reaches_a_tcp_service_through_a_local_port()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);

        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);
        await client.SendAsync("question"u8.ToArray());
        Assert.Equal("question", await scene.ReadAsync(served, 8));
        await served.SendAsync("answer"u8.ToArray());
        Assert.Equal("answer", await scene.ReadAsync(client, 6));
        Assert.Equal((1, 8L, 6L), (tunnel.Statistics.Active, tunnel.Statistics.BytesToPeers, tunnel.Statistics.BytesFromPeers));
    }

    [Theory]
    [InlineData(TunnelKind.Tcp)]
    [InlineData(TunnelKind.Unix)]
    public async Task Half_of_a_connection_may_end_before_the_other(TunnelKind kind)
    {
        await using var scene = await TunnelScene.StartAsync();
        using var folder = new SocketFolder();
        using var target = kind is TunnelKind.Tcp ? TargetServer.Listen() : TargetServer.ListenUnix(folder.PathOf("target"));
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        var end = kind is TunnelKind.Tcp ? TunnelEnd.Tcp(0) : TunnelEnd.Unix(folder.PathOf("local"));
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", end, LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        await client.SendAsync("all I have"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("all I have", await scene.ReadToEndAsync(served));
        await served.SendAsync("and my answer"u8.ToArray());
        served.Shutdown(SocketShutdown.Send);
        Assert.Equal("and my answer", await scene.ReadToEndAsync(client));
        Assert.Null(tunnel.LastFailure);
    }

    [Fact]
    public async Task The_other_half_may_end_first_too()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        await served.SendAsync("a greeting"u8.ToArray());
        served.Shutdown(SocketShutdown.Send);
        Assert.Equal("a greeting", await scene.ReadToEndAsync(client));
        await client.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here", await scene.ReadAsync(served, 10));
    }

    [Fact]
    public async Task A_reset_of_the_service_is_a_reset_for_the_program()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        var served = await target.AcceptAsync(scene.Patience);

        served.LingerState = new(true, 0);
        served.Close(0);

        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(client));
    }

    [Fact]
    public async Task A_reset_of_the_program_is_a_reset_for_the_service()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        client.LingerState = new(true, 0);
        client.Close(0);

        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(served));
    }

    [Fact]
    public async Task An_app_reaches_a_service_without_a_local_end()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);

        await using var stream = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);
        using var served = await target.AcceptAsync(scene.Patience);
        await stream.WriteAsync("question"u8.ToArray(), scene.Patience);
        await stream.CompleteWritesAsync(scene.Patience);
        Assert.Equal("question", await scene.ReadToEndAsync(served));
        await served.SendAsync("answer"u8.ToArray());
        served.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await scene.Network.HearAsync(stream));
        Assert.Empty(scene.Bob.Tunnels.Opened);
    }

    [Fact]
    public async Task The_app_is_not_told_of_sessions_of_tunnels()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var stream = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);

        await scene.Network.ExchangeAsync(scene.Bob, scene.Ada); // which takes the first that comes

        Assert.True(stream.CanWrite);
    }

    [Fact]
    public async Task Policy_and_access_list_decide_together()
    {
        await using var scene = await TunnelScene.StartAsync("allow service web from role guest\nallow service ssh from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await scene.Ada.Tunnels.PublishAsync("ssh", target.End, new() { Nodes = [scene.Ada.Id] });
        await scene.Ada.Tunnels.PublishAsync("rdp", target.End, new() { Nodes = [scene.Bob.Id] });

        await using var stream = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);
        Assert.Equal(CocoError.Denied, (await scene.FailsAsync("ssh")).Code);
        Assert.Equal(CocoError.Denied, (await scene.FailsAsync("rdp")).Code);
        Assert.Equal(CocoError.Denied, (await scene.FailsAsync("nothing")).Code); // not even that there is none
    }

    [Fact]
    public async Task A_policy_that_changes_cuts_off_what_it_does_not_allow()
    {
        await using var scene = await TunnelScene.StartAsync("allow service web from anyone\nallow service ssh from anyone\n");
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await scene.Ada.Tunnels.PublishAsync("ssh", target.End);
        await using var web = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);
        using var served = await target.AcceptAsync(scene.Patience);
        await using var ssh = await scene.Bob.Tunnels.ConnectAsync("ada", "ssh", scene.Patience);

        await scene.SetPolicyAsync("allow service web from anyone\n");

        await Assert.ThrowsAsync<TransportException>(() => scene.Network.HearAsync(ssh));
        await web.WriteAsync("still here"u8.ToArray(), scene.Patience);
        Assert.Equal("still here", await scene.ReadAsync(served, 10));
    }

    [Fact]
    public async Task A_service_that_does_not_read_stops_the_program_that_writes()
    {
        const int Most = 128 * 1024 * 1024;
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        var block = new byte[256 * 1024];
        var sent = 0L;
        var writing = Task.Run(async () =>
        {
            for (int count; sent < Most && (count = await client.SendAsync(block, scene.Patience)) > 0;) { Interlocked.Add(ref sent, count); }
        }, scene.Patience);
        for (long before = -1; before < Interlocked.Read(ref sent);)
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(500, scene.Patience); // stopped is what does not go on
        }
        Assert.InRange(Interlocked.Read(ref sent), 1, Most / 2);
        var read = 0L;
        while (read < Most) { read += await served.ReceiveAsync(block, scene.Patience); }

        await writing;
        Assert.Equal(Interlocked.Read(ref sent), read);
    }

    [Fact]
    public async Task A_role_may_be_let_in()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End, new() { Roles = [Role.Admin] });

        Assert.Equal(CocoError.Denied, (await scene.FailsAsync("web")).Code);
        await scene.Ada.GrantAsync(scene.Bob.User, Role.Admin, scene.Patience);

        await using var stream = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);
    }

    [Fact]
    public async Task A_peer_lists_what_it_lets_us_use()
    {
        await using var scene = await TunnelScene.StartAsync("allow service web from anyone\nallow service dns from anyone\nallow service ssh from anyone\n");
        await scene.Ada.Tunnels.PublishAsync("web", TunnelEnd.Tcp(80));
        await scene.Ada.Tunnels.PublishAsync("dns", TunnelEnd.Udp(53));
        await scene.Ada.Tunnels.PublishAsync("rdp", TunnelEnd.Tcp(3389));
        await scene.Ada.Tunnels.PublishAsync("ssh", TunnelEnd.Tcp(22), new() { Nodes = [scene.Ada.Id] });

        Assert.Equal([new("dns", true), new("web", false)], await scene.Bob.Tunnels.ListAsync("ada", scene.Patience));
        Assert.Equal(4, scene.Ada.Tunnels.Published.Count);
        Assert.Empty(await scene.Ada.Tunnels.ListAsync("bob", scene.Patience));
    }

    [Fact]
    public async Task Failures_say_what_is_wrong()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("dns", TunnelEnd.Udp(53));
        await scene.Ada.Tunnels.PublishAsync("dead", TunnelEnd.Unix("/nonexistent/socket"));

        Assert.Equal(CocoError.NotOffered, (await scene.FailsAsync("web")).Code);
        Assert.Equal(CocoError.NotOffered, (await scene.FailsAsync("dns")).Code);
        Assert.Equal(CocoError.TargetUnavailable, (await scene.FailsAsync("dead")).Code);
        var taken = await Assert.ThrowsAsync<CocoException>(() => scene.Ada.Tunnels.PublishAsync("dns", TunnelEnd.Udp(54)));
        Assert.Equal(CocoError.NameInUse, taken.Code);
        var inUse = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.OpenAsync("ada", "web", target.End, LocalAccess.Anyone));
        Assert.Equal(CocoError.AddressUnavailable, inUse.Code);
        Assert.Contains("in use", inUse.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.ConnectAsync("eve", "web", scene.Patience));
        Assert.Equal(CocoError.NotFound, unknown.Code);
    }

    [Fact]
    public async Task A_local_end_says_why_its_newest_connection_failed()
    {
        await using var scene = await TunnelScene.StartAsync();
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);

        var failure = await Assert.ThrowsAsync<SocketException>(async () => // connecting or reading, as fast as the answer comes
        {
            using var client = await scene.ConnectAsync(tunnel);
            await client.ReceiveAsync(new byte[1], scene.Patience);
        });
        while (tunnel.LastFailure is null) { await Task.Delay(20, scene.Patience); }

        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.Equal(CocoError.NotOffered, tunnel.LastFailure.Code);
    }

    [Fact]
    public async Task A_service_that_is_closed_resets_its_connections_and_is_offered_no_more()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        var service = await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        await service.DisposeAsync();

        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(client));
        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(served));
        Assert.Empty(await scene.Bob.Tunnels.ListAsync("ada", scene.Patience));
    }

    [Fact]
    public async Task A_tunnel_that_is_closed_resets_its_connections_and_frees_its_port()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        await tunnel.DisposeAsync();

        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(served));
        await using var again = await scene.Bob.Tunnels.OpenAsync("ada", "web", tunnel.LocalEnd, LocalAccess.Anyone);
        Assert.Same(again, Assert.Single(scene.Bob.Tunnels.Opened));
    }

    [Fact]
    public async Task A_tunnel_closes_while_a_program_that_has_ended_its_half_waits_for_the_service()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await scene.ReadToEndAsync(served));

        await tunnel.DisposeAsync().AsTask().WaitAsync(scene.Patience);

        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(client));
    }

    [Fact]
    public async Task No_more_connections_are_served_than_the_limit_says()
    {
        await using var scene = await TunnelScene.StartAsync(options: new() { MaxConnections = 1 });
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);

        await using var first = await scene.Bob.Tunnels.ConnectAsync("ada", "web", scene.Patience);

        Assert.Equal(CocoError.Overloaded, (await scene.FailsAsync("web")).Code);
    }

    [Fact]
    public async Task A_local_end_stays_while_the_peer_restarts()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var folder = new SocketFolder();
        using var target = TargetServer.Listen();
        var carol = await scene.JoinStoredAsync("carol", folder.PathOf("store"));
        await scene.Ada.WaitForAsync(static node => node.Peers.Any(static peer => peer.Name == "carol" && peer.IsReachable), scene.Patience);
        await carol.Tunnels.PublishAsync("web", target.End);
        await using var tunnel = await scene.Ada.Tunnels.OpenAsync("carol", "web", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        using var served = await target.AcceptAsync(scene.Patience);

        await carol.DisposeAsync();
        Assert.Equal(SocketError.ConnectionReset, await scene.FailureOfAsync(client));
        carol = await scene.StartStoredAsync(folder.PathOf("store"));
        await carol.Tunnels.PublishAsync("web", target.End);
        await scene.Ada.WaitForAsync(static node => node.Peers.Any(static peer => peer.Name == "carol" && peer.IsReachable), scene.Patience);

        using var again = await scene.ConnectAsync(tunnel);
        using var servedAgain = await target.AcceptAsync(scene.Patience);
        await again.SendAsync("hello"u8.ToArray());
        Assert.Equal("hello", await scene.ReadAsync(servedAgain, 5));
    }
}
