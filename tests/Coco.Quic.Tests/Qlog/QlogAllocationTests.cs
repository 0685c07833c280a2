using Coco.Quic.Connections;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Qlog;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Qlog;

public sealed class QlogAllocationTests
{
    [Fact]
    public void A_connection_without_a_trace_allocates_the_same_as_an_endpoint_without_the_option()
    {
        // The least of a few runs: pools that tests share may be empty at first, and the runtime compiles in between.
        var without = Enumerable.Range(0, 4).Min(_ => Transfer(options => options));
        var with = Enumerable.Range(0, 4).Min(_ => Transfer(options => options with { Qlog = static _ => null }));
        Assert.Equal(without, with, tolerance: 1024.0);

        static double Transfer(Func<EndpointOptions, EndpointOptions> options)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var pair = new SimulatedPair(1, client: options, server: options).Connect();
            pair.Transfer(pair.Client, pair.Server!, 200_000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void A_trace_allocates_nothing_per_packet()
    {
        long records = 0;
        var trace = new QlogTrace(TracedPair.Epoch, TimeSpan.Zero, _ => records++);
        trace.Started(isClient: true, default, default, default, ["coco/1"], new(1), now: 0);
        Span<byte> payload = stackalloc byte[1000];
        var length = FrameWriter.WriteAck(payload, [new(3, 9), new(0, 1)], 50, null);
        payload[length..].Clear();
        payload[length] = (byte)FrameType.Ping;

        var least = long.MaxValue;
        for (var round = 0; round < 4; round++) // the runtime may compile in between
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var number = 0; number < 1000; number++)
            {
                trace.PacketSent(EncryptionLevel.OneRtt, number, 0, 1100, payload, new(2), isMtuProbe: false, number);
                trace.PacketReceived(EncryptionLevel.OneRtt, number, 1100, payload, new(2), number);
                trace.PacketLost(EncryptionLevel.OneRtt, number, isMtuProbe: false);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.True(records > 12_000);
    }

    [Fact] // a record's size is bounded whatever a peer packs into a datagram
    public void A_datagram_full_of_pings_makes_a_bounded_record()
    {
        var longest = 0;
        var trace = new QlogTrace(TracedPair.Epoch, TimeSpan.Zero, record => longest = Math.Max(longest, record.Length));
        trace.Started(isClient: true, default, default, default, [], new(1), now: 0);
        var payload = new byte[65_000];
        payload.AsSpan().Fill((byte)FrameType.Ping);
        trace.PacketReceived(EncryptionLevel.OneRtt, 1, 65_100, payload, new(1), 0);
        Assert.InRange(longest, 1000, 32_768);
    }
}
