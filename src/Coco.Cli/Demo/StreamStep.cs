using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;

namespace Coco.Cli.Demo;

/// <summary>A clip is streamed from alice to bob: each frame has its number and the time at which it was made.</summary>
internal static class StreamStep
{
    private const string Name = "demo/clip";
    private const int FrameSize = 25 * 188; // as players of MPEG-TS take it
    private const int FramesPerSecond = 50;
    private const int Frames = 4 * FramesPerSecond;
    private const int BeforeClip = -1;

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var tale = stage.Tale;
        tale.Heading("stream", "A clip, streamed live");
        tale.Command(stage.Alice, $"ffmpeg … | coco stream publish {Name} --align 188 --deadline 2s");
        tale.Command(stage.Bob, $"coco stream play alice {Name} | ffplay -   # here the demo makes and checks the frames");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        ending.CancelAfter(DemoStage.Patience);
        try
        {
            var ages = await tale.DuringAsync("Streaming a clip of 4 seconds", StreamAsync(stage, ending));
            DemoTale.Require(ages.Count >= Frames / 2, $"only {ages.Count} of {Frames} frames arrived");
            ages.Sort();
            var (middle, most) = (DemoTale.Time(ages[ages.Count / 2]), DemoTale.Time(ages[^1]));
            tale.Found($"{ages.Count} of {Frames} frames, {FramesPerSecond} a second, none changed; each was with bob {middle} after it was made (most {most})");
            tale.Figure("Stream, from making a frame to playing it", ages[ages.Count / 2], "ms", middle);
            tale.Figure("Frames of the stream that arrived", ages.Count, "frames");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            DemoTale.Require(holds: false, "the clip did not get to bob");
        }
    }

    private static async Task<List<double>> StreamAsync(DemoStage stage, CancellationTokenSource ending)
    {
        var (stopping, clip, played) = (ending.Token, new Pipe(), new Pipe());
        var publishing = stage.Alice.RunAsync(
            ["stream", "publish", Name, "--align", $"{FrameSize}", "--deadline", "2s"], clip.Reader.AsStream(), Stream.Null, stopping);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var making = MakeAsync(clip.Writer, begun.Task, stopping);
        var watching = WatchAsync(played.Reader, begun, stopping);
        var playing = PlayAsync(stage, played.Writer, stopping);
        try
        {
            await Task.WhenAll(making, publishing, playing, watching);
        }
        catch
        {
            await ending.CancelAsync(); // the others wait for what does not come any more
            throw;
        }
        return await watching;
    }

    // The stream is there a moment after its first bytes are.
    private static async Task PlayAsync(DemoStage stage, PipeWriter played, CancellationToken stopping)
    {
        var output = played.AsStream(leaveOpen: true);
        while (true)
        {
            try
            {
                await stage.Bob.RunAsync(["stream", "play", "alice", Name], Stream.Null, output, stopping);
                break;
            }
            catch (CommandException exception) when (exception.Code is ExitCode.NotFound or ExitCode.Unreachable)
            {
                await Task.Delay(200, stopping);
            }
        }
        await played.CompleteAsync();
    }

    private static async Task MakeAsync(PipeWriter clip, Task begun, CancellationToken stopping)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / FramesPerSecond));
        for (var number = BeforeClip; number < Frames; number += begun.IsCompleted ? 1 : 0)
        {
            Fill(clip.GetSpan(FrameSize)[..FrameSize], number);
            clip.Advance(FrameSize);
            await clip.FlushAsync(stopping);
            await beat.WaitForNextTickAsync(stopping);
        }
        await clip.CompleteAsync();
    }

    private static async Task<List<double>> WatchAsync(PipeReader played, TaskCompletionSource begun, CancellationToken stopping)
    {
        var ages = new List<double>();
        var frame = new byte[FrameSize];
        var expected = new byte[FrameSize];
        var last = BeforeClip;
        while (true)
        {
            var read = await played.ReadAtLeastAsync(FrameSize, stopping);
            if (read.Buffer.Length < FrameSize) { return ages; }
            read.Buffer.Slice(0, FrameSize).CopyTo(frame);
            played.AdvanceTo(read.Buffer.GetPosition(FrameSize));
            begun.TrySetResult();

            var (number, made) = (BinaryPrimitives.ReadInt32BigEndian(frame), BinaryPrimitives.ReadInt64BigEndian(frame.AsSpan(4)));
            Fill(expected, number);
            DemoTale.Require(frame.AsSpan(12).SequenceEqual(expected.AsSpan(12)), $"frame {number} arrived changed");
            DemoTale.Require(number == BeforeClip || number > last, $"frame {number} came after frame {last}");
            last = number;
            if (number != BeforeClip) { ages.Add(Stopwatch.GetElapsedTime(made).TotalMilliseconds); }
        }
    }

    private static void Fill(Span<byte> frame, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, number);
        BinaryPrimitives.WriteInt64BigEndian(frame[4..], Stopwatch.GetTimestamp());
        for (var i = 12; i < frame.Length; i++) { frame[i] = (byte)(number * 31 + i); }
    }
}
