using System.IO.Pipelines;
using System.Net.Sockets;
using System.Net;

namespace Coco.Cli.Tests;

/// <summary>Files and live streams between daemons.</summary>
public sealed class FileAndStreamCommandTests
{
    [Fact]
    public async Task A_file_arrives_whole()
    {
        await using var pair = await TestPair.StartAsync();
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        var file = Path.Combine(pair.Laptop.Folder, "holiday.mp4");
        await File.WriteAllBytesAsync(file, bytes);
        var folder = Directory.CreateDirectory(Path.Combine(pair.Kitchen.Folder, "in")).FullName;

        var receiving = pair.Kitchen.DoAsync("receive", folder, "--count", "1");
        Assert.Contains("whole and checked", await pair.Laptop.DoAsync("cp", file, "kitchen"));
        Assert.Contains("holiday.mp4 from laptop, 3.0 MB", await receiving.WaitAsync(TestDaemon.Patience));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(folder, "holiday.mp4")));
        Assert.Equal(ExitCode.NotFound, (await pair.Laptop.RunAsync("cp", Path.Combine(folder, "none"), "kitchen")).Code);
    }

    [Fact]
    public async Task A_stream_is_published_from_datagrams_and_played_as_datagrams()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Laptop.DoAsync("policy", "allow", "subscribe", "#", "from", "anyone");
        await pair.Kitchen.AskUntilAsync(static answer => answer.GetProperty("policy").GetString()!.Contains("allow", StringComparison.Ordinal), "policy", "show");
        using var sender = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var player = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var words = new StringWriter();
        using var stop = new CancellationTokenSource();
        var source = FreePort();
        var publishing = CommandLine.RunAsync(["stream", "publish", "camera/door", "--udp", $"127.0.0.1:{source}", "--align", "188"], pair.Kitchen.ShellTo(words, words, stop.Token));
        var playing = pair.Laptop.PlayAsync(Stream.Null, stop.Token, "stream", "play", "kitchen", "camera/door", "--udp", $"{player.Client.LocalEndPoint}");

        var heard = player.ReceiveAsync(pair.Laptop.Limit).AsTask();
        for (var number = 0; !heard.IsCompleted; number++)
        {
            // As MPEG-TS goes by UDP: seven packets a datagram. Live: what nobody watches is gone.
            await sender.SendAsync(Enumerable.Repeat((byte)number, 7 * 188).ToArray(), new IPEndPoint(IPAddress.Loopback, source), pair.Laptop.Limit);
            await Task.WhenAny(heard, Task.Delay(20, pair.Laptop.Limit));
            Assert.False(publishing.IsCompleted, $"{words}");
        }

        var datagram = (await heard).Buffer;
        Assert.True(datagram.Length > 0 && datagram.Length % 188 == 0, $"{datagram.Length} bytes");
        for (var at = 0; at < datagram.Length; at += 188) { Assert.Single(datagram.AsSpan(at, 188).ToArray().Distinct()); } // no packet is torn
        await stop.CancelAsync();
        await publishing.WaitAsync(TestDaemon.Patience);
        await playing.WaitAsync(TestDaemon.Patience);
    }

    [Fact]
    public async Task What_is_wrong_with_an_address_of_datagrams_is_said()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Contains("127.0.0.1:5004", (await daemon.RunAsync("stream", "publish", "camera", "--udp", "everywhere")).Error);
        Assert.Contains("127.0.0.1:5004", (await daemon.RunAsync("stream", "publish", "camera", "--udp", "127.0.0.1:0")).Error);
        var taken = await daemon.RunAsync("stream", "publish", "camera", "--udp", $"{other.Client.LocalEndPoint}");
        Assert.Equal(ExitCode.Failed, taken.Code);
        Assert.Contains("in use", taken.Error);
        Assert.Equal(ExitCode.Failed, (await daemon.RunAsync("stream", "publish", "camera", "--udp", "192.0.2.1:5004")).Code);
    }

    [Fact]
    public async Task A_stream_is_published_from_standard_input_and_played_to_standard_output()
    {
        await using var pair = await TestPair.StartAsync();
        var policy = Path.Combine(pair.Laptop.Folder, "p");
        await File.WriteAllTextAsync(policy, "coco policy 1\nallow subscribe # from anyone\n");
        await pair.Laptop.DoAsync("policy", "set", policy);
        await pair.Kitchen.AskUntilAsync(static answer => answer.GetProperty("policy").GetString()!.Contains("allow", StringComparison.Ordinal), "policy", "show");

        var (source, played) = (new Pipe(), new Pipe());
        using var words = new StringWriter();
        using var stop = new CancellationTokenSource();
        var publishing = CommandLine.RunAsync(["stream", "publish", "camera/door"], pair.Kitchen.ShellTo(words, words, stop.Token, source.Reader.AsStream(), Stream.Null));
        var playing = pair.Laptop.PlayAsync(played.Writer.AsStream(), stop.Token, "stream", "play", "kitchen", "camera/door");
        var sight = new byte[] { 1, 2, 3, 4 };
        using var reader = played.Reader.AsStream();
        var seen = reader.ReadAtLeastAsync(new byte[4], 4, cancellationToken: pair.Laptop.Limit).AsTask();
        while (!seen.IsCompleted)
        {
            await source.Writer.WriteAsync(sight, pair.Laptop.Limit); // live: what nobody watches is gone
            await Task.WhenAny(seen, Task.Delay(50, pair.Laptop.Limit));
        }
        Assert.Equal(4, await seen);
        await source.Writer.CompleteAsync();
        Assert.Equal(ExitCode.Ok, await publishing.WaitAsync(TestDaemon.Patience));
        await stop.CancelAsync();
        await playing.WaitAsync(TestDaemon.Patience);
    }

    private static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }
}
