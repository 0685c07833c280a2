using System.IO.Pipelines;

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
}
