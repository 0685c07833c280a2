using System.Net.Sockets;
using System.Text;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

/// <summary>Connectivity belongs to the app: who of the same machine may use its local ends.</summary>
public sealed class LocalAccessTests
{
    [Theory]
    [InlineData(TunnelKind.Tcp)]
    [InlineData(TunnelKind.Unix)]
    public async Task A_second_program_of_the_same_user_without_the_token_is_refused(TunnelKind kind)
    {
        Executable.Require("socat");
        await using var scene = await TunnelScene.StartAsync();
        using var folder = new SocketFolder();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        var end = kind is TunnelKind.Tcp ? TunnelEnd.Tcp(0) : TunnelEnd.Unix(folder.PathOf("local"));
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", end, LocalAccess.Token);

        await Executable.RunAsync("socat", ["-t", "5", "-", SocatAddress(tunnel.LocalEnd)], Encoding.ASCII.GetBytes(new string('x', 64) + "\nhello"), scene.Patience);

        Assert.Equal(CocoError.Denied, tunnel.LastFailure?.Code);
        Assert.Equal((0, 1), (tunnel.Statistics.Connections, tunnel.Statistics.Refused));

        using var client = await scene.ConnectAsync(tunnel);
        await client.SendAsync(Encoding.ASCII.GetBytes(scene.Bob.Tunnels.Token.Reveal() + "\nhello"));
        using var served = await target.AcceptAsync(scene.Patience);
        Assert.Equal("hello", await scene.ReadAsync(served, 5)); // and nothing of the token
    }

    [Theory]
    [InlineData(TunnelKind.Tcp)]
    [InlineData(TunnelKind.Unix)]
    public async Task Programs_of_the_same_user_are_let_in_where_that_was_asked_for(TunnelKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The user of a program is found on Linux only.");
        Executable.Require("socat");
        await using var scene = await TunnelScene.StartAsync();
        using var folder = new SocketFolder();
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        var end = kind is TunnelKind.Tcp ? TunnelEnd.Tcp(0) : TunnelEnd.Unix(folder.PathOf("local"));
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", end, LocalAccess.SameUser);

        var running = Executable.RunAsync("socat", ["-t", "5", "-", SocatAddress(tunnel.LocalEnd)], "hello"u8.ToArray(), scene.Patience);
        using var served = await target.AcceptAsync(scene.Patience);
        Assert.Equal("hello", await scene.ReadToEndAsync(served));
        await served.SendAsync("goodbye"u8.ToArray());
        served.Shutdown(SocketShutdown.Send);

        Assert.Equal((0, "goodbye"), await running); // socat has ended its half before
    }

    [Fact]
    public async Task Programs_of_another_user_are_refused_on_every_kind_of_local_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Starting a program as another user needs root.");
        Executable.Require("socat");
        Executable.Require("setpriv");
        await using var scene = await TunnelScene.StartAsync();
        using var target = TargetServer.Listen();
        using var udp = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("web", target.End);
        await scene.Ada.Tunnels.PublishAsync("dns", udp.End);
        await using var tcp = await scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Tcp(0), LocalAccess.SameUser);
        await using var datagrams = await scene.Bob.Tunnels.OpenAsync("ada", "dns", TunnelEnd.Udp(0), LocalAccess.SameUser);
        await using var proxy = await scene.Bob.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0), LocalAccess.SameUser);

        foreach (var end in (TunnelEnd[])[tcp.LocalEnd, datagrams.LocalEnd, proxy.LocalEnd])
        {
            await Executable.RunAsync("setpriv", ["--reuid=65534", "--clear-groups", "socat", "-t", "1", "-", SocatAddress(end)], "hello"u8.ToArray(), scene.Patience);
        }

        while (datagrams.LastFailure is null) { await Task.Delay(20, scene.Patience); }
        Assert.Equal(CocoError.Denied, datagrams.LastFailure.Code);
        Assert.Equal(CocoError.Denied, tcp.LastFailure?.Code);
        Assert.Equal(CocoError.Denied, proxy.LastFailure?.Code);
        Assert.Equal(0, tcp.Statistics.Connections + datagrams.Statistics.Connections + proxy.Statistics.Connections);
    }

    [Fact]
    public async Task Datagrams_of_the_same_user_are_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The user of a program is found on Linux only.");
        await using var scene = await TunnelScene.StartAsync();
        using var target = UdpTarget.Listen();
        using var program = UdpTarget.Listen();
        await scene.Ada.Tunnels.PublishAsync("dns", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "dns", TunnelEnd.Udp(0), LocalAccess.SameUser);

        await program.SendAsync([7], tunnel.LocalEnd);

        Assert.Equal([7], (await target.ReceiveAsync(scene.Patience)).Data);
    }

    [Fact]
    public async Task Local_ends_that_could_not_be_kept_are_not_opened()
    {
        await using var scene = await TunnelScene.StartAsync();

        await RefusesAsync(TunnelEnd.Udp(0), LocalAccess.Token);
        await RefusesAsync(TunnelEnd.Tcp("0.0.0.0", 0), LocalAccess.SameUser);
        await RefusesAsync(TunnelEnd.Tcp("0.0.0.0", 0), LocalAccess.Token);
        await RefusesAsync(TunnelEnd.Unix("/" + new string('x', 200)), LocalAccess.Anyone);

        async Task RefusesAsync(TunnelEnd end, LocalAccess access) =>
            Assert.Equal(CocoError.Invalid, (await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.OpenAsync("ada", "web", end, access))).Code);
    }

    [Fact]
    public async Task A_socket_file_is_its_owners_and_one_that_was_left_behind_is_replaced()
    {
        if (OperatingSystem.IsWindows()) { return; } // which has no such modes
        await using var scene = await TunnelScene.StartAsync();
        using var folder = new SocketFolder();
        var end = TunnelEnd.Unix(folder.PathOf("local"));
        LeaveSocket(end);

        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "web", end, LocalAccess.Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(end.Host));
        var inUse = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.OpenAsync("ada", "web", end, LocalAccess.Token));
        Assert.Equal(CocoError.AddressUnavailable, inUse.Code);
        await File.WriteAllTextAsync(folder.PathOf("letter"), "dear", scene.Patience);
        await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Tunnels.OpenAsync("ada", "web", TunnelEnd.Unix(folder.PathOf("letter")), LocalAccess.Token));
        Assert.Equal("dear", await File.ReadAllTextAsync(folder.PathOf("letter"), scene.Patience));
    }

    // As a program does that is killed: the platform would delete the file with the socket.
    private static void LeaveSocket(TunnelEnd end)
    {
        var path = end.Host + ".moved";
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, end.Host);
        }
        Assert.True(File.Exists(end.Host));
    }

    private static string SocatAddress(TunnelEnd end) => end.Kind switch
    {
        TunnelKind.Unix => $"UNIX-CONNECT:{end.Host}",
        TunnelKind.Udp => $"UDP4:{end.Host}:{end.Port}",
        _ => $"TCP4:{end.Host}:{end.Port}",
    };
}
