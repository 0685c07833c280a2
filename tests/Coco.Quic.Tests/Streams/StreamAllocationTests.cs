using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamAllocationTests
{
    [Fact]
    public void A_hundred_megabytes_through_one_stream_allocate_nothing_after_warm_up()
    {
        var pipe = new StreamPipe(new());
        Assert.True(pipe.Sender.TryOpen(bidirectional: false, out var id));
        pipe.Pump(id, 20 << 20, lossEvery: 97);

        var before = GC.GetAllocatedBytesForCurrentThread();
        pipe.Pump(id, 100 << 20, lossEvery: 97);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Short_streams_allocate_nothing_after_warm_up()
    {
        var pipe = new StreamPipe(new());
        pipe.PumpShortStreams(1_000, size: 3_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        pipe.PumpShortStreams(2_000, size: 3_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, pipe.Sender.Count);
        Assert.Equal(0, pipe.Receiver.Count);
    }

    [Fact]
    public void A_connection_without_streams_costs_less_than_a_kilobyte()
    {
        var options = new StreamOptions();
        var pool = new StreamPool();
        var sets = new StreamSet[100];
        _ = new StreamSet(isClient: true, options, pool);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < sets.Length; i++) { sets[i] = new(isClient: true, options, pool); }
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / sets.Length, 0, 1024);
    }
}
