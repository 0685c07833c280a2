using System.Diagnostics;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>How fast links are and what they allocate; figures go to the file that <c>./test --all</c> prints.</summary>
[CollectionDefinition("alone", DisableParallelization = true)] // what the process allocates is counted
[Collection("alone")]
public sealed class LinkFigureTests
{
    private const int Segment = 1200;
    private static readonly int Megabytes = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500 : 100;

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task A_hundred_megabytes_cross_a_link_with_few_allocations(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var (arrived, batches) = (0L, 0);
        var total = (long)Megabytes * 1_000_000 / Segment * Segment;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Sink.OnBatch = (_, batch) =>
        {
            batches++;
            var all = arrived += batch.Length;
            batch.Dispose();
            if (all == total) { done.SetResult(); }
        };
        await SendAsync(a, fromA, total / 10); // what is pooled is made
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();

        await SendAsync(a, fromA, total - (total / 10 / Segment * Segment));
        await done.Task.WaitAsync(TimeSpan.FromMinutes(1));

        var megabits = total * 0.9 * 8 / 1e6 / watch.Elapsed.TotalSeconds;
        var perDatagram = (GC.GetTotalAllocatedBytes() - allocated) / (double)(total * 0.9 / Segment);
        Write($"| {kind} link, {Megabytes} MB in datagrams of {Segment} bytes over loopback | {megabits:F0} Mb/s, {total / batches} bytes a batch, {perDatagram:F1} bytes allocated a datagram |");
        Assert.InRange(perDatagram, 0, Segment - 1); // some objects a batch, and what TLS and WebSocket rent anew; never a buffer a datagram
    }

    private static Task SendAsync(LinkEnd end, Link link, long bytes) => Task.Run(() =>
    {
        var open = end.Get(link);
        var run = new byte[10 * Segment];
        var wait = default(SpinWait);
        for (var left = bytes / Segment * Segment; left > 0;)
        {
            var length = (int)Math.Min(left, run.Length);
            // One thread sends, so what there is room for is taken whole.
            if (open.QueuedBytes + length + (2 * length / Segment) > new LinkOptions().SendBuffer)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                continue;
            }
            Assert.True(open.TrySend(run.AsSpan(0, length), Segment));
            left -= length;
        }
    });

    private static void Write(string row)
    {
        TestContext.Current.SendDiagnosticMessage(row);
        if (Environment.GetEnvironmentVariable("COCO_FIGURES") is { Length: > 0 } file) { File.AppendAllText(file, row + "\n"); }
    }
}
