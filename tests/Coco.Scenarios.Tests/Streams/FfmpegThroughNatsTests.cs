using System.Diagnostics;
using System.Security.Cryptography;
using Coco.Lab.Nat;
using Coco.Media;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Tunnels;

namespace Coco.Scenarios.Tests.Streams;

/// <summary>A clip that one program of ffmpeg sends live and another plays, a stream of the network between them, on two sides of two real NATs.</summary>
[Collection(EndpointLab.Collection)]
public sealed class FfmpegThroughNatsTests(ITestOutputHelper output)
{
    private const int Frames = 125;

    // That all comes is what is tested here; what is late ThinLineTests.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(NatKind.PortRestricted, NatKind.PortPreserving, false)]
    [InlineData(NatKind.Symmetric, NatKind.PortRestricted, false)]
    [InlineData(NatKind.PortRestricted, NatKind.PortPreserving, true)]
    public async Task A_clip_is_played_frame_by_frame_as_it_was_sent(NatKind producers, NatKind players, bool roams)
    {
        ForeignProgram.Require("ffmpeg");
        await using var town = await TunnelTown.StartAsync(producers, players);
        using var folder = new LabFolder();
        var clip = folder.PathOf("clip.ts");
        await ForeignProgram.TextAsync("ffmpeg", [.. Quiet, "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=5", "-c:v", "mpeg4", "-b:v", "2M", "-f", "mpegts", clip], [], town.Over);
        var expected = FramesOf(await ForeignProgram.TextAsync("ffmpeg", [.. Quiet, "-i", clip, "-c", "copy", "-f", "framemd5", "-"], [], town.Over));
        await using var stream = await town.Ada.Streams.PublishAsync("camera");
        var track = stream.AddTrack("video", new() { Deadline = Deadline });
        await using var subscription = await town.Bob.Streams.SubscribeAsync(town.Ada.Id, "camera", new() { Jitter = Deadline, SilenceTime = Deadline }, town.Over);

        var playing = PlayAsync(subscription, roams ? () => town.Roam(Roam.ToAnotherHome) : null, town.Over);
        var sent = await SendAsync(track, clip, town.Over);
        while (subscription.Statistics.BytesReceived < sent.Bytes) { await Task.Delay(20, town.Over); }
        await stream.DisposeAsync();
        var (played, objects, missing, hash, oldest) = await playing;

        output.WriteLine($"{producers} to {players}{(roams ? ", the player moving to another home" : "")}: {sent.Bytes:N0} bytes in {objects} objects, {missing} missing, oldest {oldest.TotalMilliseconds:F0} ms; {played.Length} frames");
        Assert.Equal((0, sent.Hash), (missing, hash));
        Assert.Equal(Frames, expected.Length);
        Assert.Equal(expected, played);
    }

    private static string[] Quiet { get; } = ["-v", "error", "-nostdin", "-y"];

    private static async Task<(long Bytes, string Hash)> SendAsync(PublishedTrack track, string clip, CancellationToken over)
    {
        using var producer = Start("ffmpeg", [.. Quiet, "-re", "-i", clip, "-c", "copy", "-f", "mpegts", "-"]);
        using var killing = over.Register(producer.Kill);
        await using var counted = new CountedStream(producer.StandardOutput.BaseStream);
        await track.WriteFromAsync(counted, cancellationToken: over);
        await producer.WaitForExitAsync(over);
        Assert.Equal(0, producer.ExitCode);
        return (counted.Bytes, counted.Hash());
    }

    private static async Task<(string[] Frames, int Objects, long Missing, string Hash, TimeSpan Oldest)> PlayAsync(StreamSubscription subscription, Action? roam, CancellationToken over)
    {
        using var player = Start("ffmpeg", ["-v", "error", "-f", "mpegts", "-i", "-", "-c", "copy", "-f", "framemd5", "-"]);
        using var killing = over.Register(player.Kill);
        var reading = player.StandardOutput.ReadToEndAsync(over);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (objects, missing, oldest, roaming) = (0, 0L, TimeSpan.Zero, Task.CompletedTask);
        await foreach (var item in subscription.ReadAllAsync(over))
        {
            if (++objects == 20 && roam is not null) { roaming = Task.Run(roam, over); }
            missing += item.Lost;
            oldest = item.Latency > oldest ? item.Latency : oldest;
            hash.AppendData(item.Data.Span);
            await player.StandardInput.BaseStream.WriteAsync(item.Data, over);
        }
        await roaming;
        player.StandardInput.Close();
        var frames = FramesOf(await reading);
        await player.WaitForExitAsync(over);
        Assert.Equal(0, player.ExitCode);
        return (frames, objects, missing, Convert.ToHexString(hash.GetHashAndReset()), oldest);
    }

    private static Process Start(string name, string[] arguments) =>
        Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;

    // "stream, dts, pts, duration, size, hash" a frame.
    private static string[] FramesOf(string frames) =>
        [.. frames.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#')).Select(static line => line.Split(',')[5].Trim())];
}
