using System.Diagnostics;
using Coco.Scenarios.Tests.Simulated;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Calls without end over real sockets: directly by UDP and TCP, by a relay over UDP and WebSocket, and from endpoints that live for one
/// call. COCO_ALL=1 makes thousands: tables of ways (1,024) have been swept before it first counts.</summary>
[Collection(nameof(EndpointCostTests))] // nothing else opens files or allocates meanwhile
public sealed class EndpointSoakTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly int Rounds = IsLong ? 4800 : 180;
    private static readonly int Settled = Rounds / 3; // rounds after which nothing may grow
    private static readonly int CallsOfAKind = IsLong ? 300 : 40; // three times

    [Fact]
    public async Task Calls_that_come_and_go_leave_no_handles_threads_or_memory()
    {
        await using var scene = new SoakScene(static options => options);
        await scene.StartAsync();
        Usage? settled = null;
        for (var i = 1; i <= Rounds; i++)
        {
            await scene.CallAsync((SoakCall)(i % 6));
            if (i != Settled && i != Rounds) { continue; }
            await scene.UntilCollectedAsync();
            var usage = Usage.Now();
            output.WriteLine($"after {i} calls: {usage}");
            settled ??= usage;
            if (i == Rounds) { AssertFlat(settled, usage); }
        }
    }

    [Theory]
    [InlineData(SoakCall.Udp)]
    [InlineData(SoakCall.Tcp)]
    [InlineData(SoakCall.Relay)]
    [InlineData(SoakCall.RelayWebSocket)]
    public async Task Connections_that_are_closed_are_let_go_of_whatever_their_timeouts(SoakCall kind)
    {
        await using var scene = new SoakScene(static options =>
            options with { ConnectTimeout = TimeSpan.FromMinutes(5), CloseTimeout = TimeSpan.FromMinutes(1) });
        await scene.StartAsync();
        ObjectCensus? first = null;
        for (var i = 1; i <= 3 * CallsOfAKind; i++)
        {
            await scene.CallAsync(kind);
            if (i != CallsOfAKind && i != 3 * CallsOfAKind) { continue; }
            var stopwatch = Stopwatch.StartNew();
            await scene.UntilCollectedAsync();
            var census = scene.Census();
            output.WriteLine($"after {i} calls, {stopwatch.Elapsed.TotalSeconds:F1} s: {census.Objects} objects, {census.Elements} array elements");
            first ??= census;
            Assert.Equal("", census.GrowthSince(first, some: 2 * 64)); // at both ends a pool keeps up to 64 queues
        }
    }

    private static void AssertFlat(Usage before, Usage after)
    {
        Assert.InRange(after.Handles, 0, before.Handles + 4);
        Assert.InRange(after.Threads, 0, before.Threads + 4); // the pool's come and go
        Assert.InRange(after.Heap, 0, before.Heap + (2 << 20)); // blocks in pools, and what the runtime keeps for itself
    }

    private sealed record Usage(int Handles, int Threads, long Heap)
    {
        public static Usage Now()
        {
            using var process = Process.GetCurrentProcess();
            // proc(5): an entry for each open file; other systems have their own count of handles.
            var handles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var memory = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            return new(handles, process.Threads.Count, memory.HeapSizeBytes - memory.FragmentedBytes);
        }
    }
}
