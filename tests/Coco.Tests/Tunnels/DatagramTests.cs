using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

public sealed class DatagramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(160)]
    [InlineData(1400)] // RTP of common cameras, over the smallest path that QUIC has
    [InlineData(9000)]
    [InlineData(65_507)]
    public async Task Datagrams_of_any_size_go_both_ways(int size)
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("media", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "media", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var program = UdpTarget.Listen();
        var sent = new byte[size];
        new Random(size).NextBytes(sent);

        await program.SendAsync(sent, tunnel.LocalEnd);
        var (there, from) = await target.ReceiveAsync(scene.Patience);
        Array.Reverse(there);
        await target.SendAsync(there, from);
        var (back, _) = await program.ReceiveAsync(scene.Patience);

        Assert.Equal(sent.Reverse(), back);
        Assert.Equal(0, tunnel.Statistics.DatagramsLost);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1400)]
    [InlineData(65_507)]
    public async Task An_app_sends_and_receives_without_a_local_end(int size)
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        var sent = new byte[size];
        new Random(size).NextBytes(sent);

        await using var datagrams = await scene.Bob.Tunnels.ConnectDatagramsAsync("ada", "echo", scene.Patience);
        Assert.True(datagrams.TrySend(sent));
        var (there, from) = await target.ReceiveAsync(scene.Patience);
        Array.Reverse(there);
        await target.SendAsync(there, from);

        Assert.Equal(sent.Reverse(), await datagrams.ReceiveAsync(scene.Patience));
        Assert.Equal((1, 1L), (datagrams.Statistics.Active, datagrams.Statistics.Connections));
        Assert.Throws<ArgumentException>(() => datagrams.TrySend(new byte[TunnelDatagrams.MaxLength + 1]));
    }

    [Fact]
    public async Task An_app_learns_why_it_gets_no_datagrams_and_when_they_are_over()
    {
        await using var scene = await TunnelScene.StartAsync("allow service * from anyone\ndeny service secret from anyone\n");
        using var target = UdpTarget.Listen();
        await using var service = await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        foreach (var (name, code) in ((string, CocoError)[])[("secret", CocoError.Denied), ("none", CocoError.NotOffered)])
        {
            var refusal = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.ConnectDatagramsAsync("ada", name, scene.Patience));
            Assert.Equal(code, refusal.Code);
        }

        await using var datagrams = await scene.Bob.Tunnels.ConnectDatagramsAsync("ada", "echo", scene.Patience);
        await service.DisposeAsync();
        var failure = await Assert.ThrowsAsync<CocoException>(async () => await datagrams.ReceiveAsync(scene.Patience));
        Assert.Equal(CocoError.ConnectionClosed, failure.Code);
        Assert.False(datagrams.TrySend([1]));
        await datagrams.DisposeAsync();
    }

    [Fact]
    public async Task Each_program_has_a_flow_of_its_own()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var one = UdpTarget.Listen();
        using var other = UdpTarget.Listen();

        await one.SendAsync([1], tunnel.LocalEnd);
        var (_, fromOne) = await target.ReceiveAsync(scene.Patience);
        await other.SendAsync([2], tunnel.LocalEnd);
        var (_, fromOther) = await target.ReceiveAsync(scene.Patience);
        await target.SendAsync([20], fromOther);
        await target.SendAsync([10], fromOne);

        Assert.NotEqual(fromOne, fromOther);
        Assert.Equal([10], (await one.ReceiveAsync(scene.Patience)).Data);
        Assert.Equal([20], (await other.ReceiveAsync(scene.Patience)).Data);
        Assert.Equal(2, tunnel.Statistics.Active);
    }

    [Fact]
    public async Task The_flow_that_was_idle_longest_makes_room()
    {
        await using var scene = await TunnelScene.StartAsync(options: new() { MaxFlows = 1 });
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var one = UdpTarget.Listen();
        using var other = UdpTarget.Listen();

        await one.SendAsync([1], tunnel.LocalEnd);
        await target.ReceiveAsync(scene.Patience);
        await other.SendAsync([2], tunnel.LocalEnd);
        var (_, from) = await target.ReceiveAsync(scene.Patience);
        await target.SendAsync([20], from);

        Assert.Equal([20], (await other.ReceiveAsync(scene.Patience)).Data);
        Assert.Equal(1, tunnel.Statistics.Active);
    }

    [Fact]
    public async Task A_flow_ends_when_nothing_goes_through_it()
    {
        await using var scene = await TunnelScene.StartAsync(options: new() { FlowTimeout = TimeSpan.FromSeconds(1) });
        using var target = UdpTarget.Listen();
        var service = await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var program = UdpTarget.Listen();
        await program.SendAsync([1], tunnel.LocalEnd);
        var (_, before) = await target.ReceiveAsync(scene.Patience);

        while (tunnel.Statistics.Active + service.Statistics.Active > 0) { await Task.Delay(50, scene.Patience); }
        await program.SendAsync([2], tunnel.LocalEnd);

        var (data, after) = await target.ReceiveAsync(scene.Patience);
        Assert.Equal([2], data);
        Assert.NotEqual(before, after);
        Assert.Equal(2, tunnel.Statistics.Connections);
    }

    [Fact]
    public async Task A_burst_arrives_whole_and_in_order_where_nothing_is_lost()
    {
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("media", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "media", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var program = UdpTarget.Listen();
        await program.SendAsync([0], tunnel.LocalEnd);
        var (_, from) = await target.ReceiveAsync(scene.Patience);

        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 10; i++) { await target.SendAsync([(byte)round, (byte)i, .. new byte[1398]], from); }
            for (var i = 0; i < 10; i++) { Assert.Equal([(byte)round, (byte)i], (await program.ReceiveAsync(scene.Patience)).Data.AsSpan(0, 2)); }
        }
        Assert.Equal(0, tunnel.Statistics.DatagramsLost);
        Assert.Equal(200 * 1400, tunnel.Statistics.BytesFromPeers);
    }

    [Fact]
    public async Task A_service_that_is_denied_gets_nothing_and_the_local_end_says_why()
    {
        await using var scene = await TunnelScene.StartAsync("allow service other from anyone\n");
        using var target = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var program = UdpTarget.Listen();

        await program.SendAsync([1], tunnel.LocalEnd);
        while (tunnel.LastFailure is null) { await Task.Delay(20, scene.Patience); }

        Assert.Equal(CocoError.Denied, tunnel.LastFailure.Code);
        Assert.Equal(0, target.Available);
    }

    [Fact]
    public async Task Where_nobody_listens_datagrams_are_counted_and_the_flow_goes_on()
    {
        await using var scene = await TunnelScene.StartAsync();
        var gone = UdpTarget.Listen();
        gone.Dispose();
        var service = await scene.Ada.Tunnels.PublishAsync("echo", gone.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Udp(0), LocalAccess.Anyone);
        using var program = UdpTarget.Listen();
        await program.SendAsync([1], tunnel.LocalEnd);
        while (service.Statistics.DatagramsLost == 0) { await Task.Delay(20, scene.Patience); }

        using var back = UdpTarget.Listen(gone.End.Port);
        await program.SendAsync([2], tunnel.LocalEnd);

        Assert.Equal([2], (await back.ReceiveAsync(scene.Patience)).Data);
    }
}
