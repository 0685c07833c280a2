using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Tunnels;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>Datagrams, half-closed connections and media, on two sides of two real NATs.</summary>
[Collection(EndpointLab.Collection)]
public sealed class OthersThroughNatsTests
{
    private const int MediaDatagram = 1400; // what RTP senders take for a packet on Ethernet
    private const int Datagrams = 2000;
    private const int InFlight = 32;

    [Fact]
    public async Task Datagrams_of_media_cross_a_path_that_is_too_narrow_for_them()
    {
        await using var town = await TunnelTown.StartAsync(bobsHome: new() { Line = new() { Mtu = 1280 } });
        using var target = BoundSocket();
        await using var tunnel = await town.OpenAsync(TunnelEnd.Udp(((IPEndPoint)target.LocalEndPoint!).Port));
        using var program = BoundSocket();
        await program.ConnectAsync(IPAddress.Loopback, tunnel.LocalEnd.Port, town.Over);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(town.Over);
        var echoing = EchoAsync(target, over.Token);

        var (seen, came) = (new bool[Datagrams], 0);
        var (sent, got) = (new byte[MediaDatagram], new byte[MediaDatagram + 1]);
        new Random(1).NextBytes(sent);
        for (var number = 0; number < Datagrams; number++)
        {
            BinaryPrimitives.WriteInt32BigEndian(sent, number);
            await program.SendAsync(sent, town.Over);
            // A window, as loss would be the program's own fault otherwise; what is lost anyway is waited for no longer than this.
            while (number - came >= InFlight && await TryReceiveAsync(TimeSpan.FromMilliseconds(500))) { }
        }
        while (came < Datagrams && await TryReceiveAsync(TimeSpan.FromSeconds(1))) { }
        await over.CancelAsync();
        await echoing;

        Assert.InRange(came, Datagrams * 95 / 100, Datagrams);

        async Task<bool> TryReceiveAsync(TimeSpan within)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(town.Over);
            patience.CancelAfter(within);
            try
            {
                var length = await program.ReceiveAsync(got, patience.Token);
                var number = BinaryPrimitives.ReadInt32BigEndian(got);
                Assert.False(seen[number]);
                Assert.Equal(sent.AsSpan(4), got.AsSpan(4, length - 4));
                seen[number] = true;
                came++;
                return true;
            }
            catch (OperationCanceledException) when (!town.Over.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Socat_ends_its_half_and_reads_on()
    {
        ForeignProgram.Require("socat");
        await using var town = await TunnelTown.StartAsync(NatKind.Symmetric, NatKind.Open);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var tunnel = await town.OpenAsync(TunnelEnd.Tcp(((IPEndPoint)listener.LocalEndpoint).Port));

        var lines = string.Concat(Enumerable.Range(0, 100_000).Select(static number => $"{number * 7919 % 100_000:D6}\n"));
        var sorting = ForeignProgram.TextAsync("socat", ["-t", "60", "-", $"TCP4:127.0.0.1:{tunnel.LocalEnd.Port}"], Encoding.ASCII.GetBytes(lines), town.Over);
        using var served = await listener.AcceptTcpClientAsync(town.Over);
        using var reader = new StreamReader(served.GetStream());
        var sorted = string.Concat((await reader.ReadToEndAsync(town.Over)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(static line => line + "\n"));
        await served.Client.SendAsync(Encoding.ASCII.GetBytes(sorted), town.Over);
        served.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal(string.Concat(Enumerable.Range(0, 100_000).Select(static number => $"{number:D6}\n")), await sorting);
    }

    [Fact]
    public async Task Ffmpeg_plays_what_another_sends_by_RTSP_in_one_connection()
    {
        ForeignProgram.Require("ffmpeg");
        await using var town = await TunnelTown.StartAsync();
        var clip = Path.Combine(Directory.CreateTempSubdirectory("coco-clip").FullName, "clip.mp4");
        await RunAsync("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-c:v", "mpeg4", "-b:v", "2M", clip);
        var expected = FramesOf(await RunAsync("-i", clip, "-c", "copy", "-f", "framemd5", "-"));
        var port = FreePort();
        await using var tunnel = await town.OpenAsync(TunnelEnd.Tcp(port));

        var playing = RunAsync("-rtsp_flags", "listen", "-i", $"rtsp://127.0.0.1:{port}/live", "-c", "copy", "-f", "framemd5", "-");
        await UntilListeningAsync(port, town.Over);
        await RunAsync("-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", $"rtsp://127.0.0.1:{tunnel.LocalEnd.Port}/live");

        Assert.Equal(100, expected.Length);
        Assert.Equal(expected, FramesOf(await playing));
        Directory.Delete(Path.GetDirectoryName(clip)!, recursive: true);

        Task<string> RunAsync(params string[] arguments) => ForeignProgram.TextAsync("ffmpeg", ["-v", "error", "-nostdin", .. arguments], [], town.Over);
    }

    // "stream, dts, pts, duration, size, hash" a frame; times are the player's own.
    private static string[] FramesOf(string frames) =>
        [.. frames.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#')).Select(static line => line.Split(',')[5].Trim())];

    // ffmpeg has to be told one.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // proc(5): local address and port in hexadecimal, and state 0A.
    private static async Task UntilListeningAsync(int port, CancellationToken over)
    {
        while (!(await File.ReadAllLinesAsync("/proc/net/tcp", over)).Any(line => line.Contains($":{port:X4} 00000000:0000 0A", StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), over);
        }
    }

    private static Socket BoundSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static async Task EchoAsync(Socket target, CancellationToken over)
    {
        var buffer = new byte[ushort.MaxValue];
        try
        {
            while (true)
            {
                var received = await target.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), over);
                await target.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), SocketFlags.None, received.RemoteEndPoint, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has what it wanted.
        }
    }
}
