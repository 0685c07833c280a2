using System.Buffers.Binary;
using Coco.Traversal.Hops;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Hops;

public sealed class HopFairnessTests
{
    private const long Rate = 1_000_000;

    [Theory]
    [InlineData(1.0, 10.0)] // both want more than half: each gets half
    [InlineData(0.55, 20.0)]
    [InlineData(0.3, 50.0)] // who wants less gets all it wants
    public void One_greedy_source_leaves_the_other_its_share(double modest, double greedy)
    {
        var (rig, ways) = Star(sources: 2, new() { BytesPerSecond = Rate });
        var delivered = Run(rig, ways, [modest, greedy], TimeSpan.FromSeconds(5));

        var expected = Math.Min(modest, 0.5) * Rate * 5;
        Assert.InRange(delivered[0], expected * 0.8, expected * 1.1); // 40 % of the way at least, where it wants half
        Assert.InRange(delivered.Sum(), Rate * 5 * 0.95, Rate * 5 * 1.05);
    }

    [Fact]
    public void Large_and_small_datagrams_share_by_bytes()
    {
        var (rig, ways) = Star(sources: 2, new() { BytesPerSecond = Rate });
        var delivered = Run(rig, ways, [4, 4], TimeSpan.FromSeconds(5), [1400, 200]);
        Assert.InRange(delivered[0], Rate * 5 * 0.45, Rate * 5 * 0.55);
    }

    [Fact]
    public void What_waits_is_shallow_whatever_comes_from_however_many()
    {
        var options = new HopOptions { BytesPerSecond = Rate, MaxQueuedBytes = 32 << 10, MaxSessionsPerNeighbour = 1000 };
        var (rig, ways) = Star(sources: 50, options);
        var delivered = Run(rig, ways, [.. Enumerable.Repeat(1.0, 49), 20], TimeSpan.FromSeconds(5));
        Assert.InRange(rig[0].Statistics.QueuedBytes, 1, 2 * options.MaxQueuedBytes);
        Assert.All(delivered, bytes => Assert.InRange(bytes, Rate * 5 / 50 * 0.7, Rate * 5 / 50 * 1.3));
    }

    [Fact]
    public void A_socket_that_is_full_delays_and_does_not_drop()
    {
        var (rig, ways) = Star(sources: 1, new());
        rig[0].HandleUdpFull();
        var data = rig.Datagram(2, ways[0], 100);
        rig[0].Forward(HopRig.Way(0, 2), data, 0, 100, default, rig.Now);
        Assert.False(rig[0].TryTakeForward(out _, out _));

        var buffer = new byte[65_536];
        Assert.True(rig[0].TryTakeQueued(buffer, rig.Now, out var transmit));
        Assert.Equal((HopRig.Way(0, 1).Link, 100), (transmit.Link, transmit.Length));
        Assert.Equal(data, buffer[..100]);
        Assert.False(rig[0].TryTakeQueued(buffer, rig.Now, out _));
    }

    // Node 0 forwards from nodes 2 and on to node 1.
    private static (HopRig Rig, PathAddress[] Ways) Star(int sources, HopOptions options)
    {
        var rig = new HopRig(options);
        rig.Add(sources + 2);
        var ways = new PathAddress[sources];
        for (var i = 0; i < sources; i++)
        {
            rig.Chain(i + 2, 0, 1);
            ways[i] = rig.Opened(i + 2, 0, 1).AtOrigin;
        }
        return (rig, ways);
    }

    // Each source sends so many times the rate, in steps of a millisecond.
    private static long[] Run(HopRig rig, PathAddress[] ways, double[] load, TimeSpan time, int[]? lengths = null)
    {
        var delivered = new long[ways.Length];
        var credit = new double[ways.Length];
        var numbers = new Dictionary<ulong, int>();
        var buffer = new byte[65_536];
        var random = new Random(3);
        var end = rig.Now + time;
        var templates = ways.Select((way, i) => rig.Datagram(i + 2, way, lengths?[i] ?? 1200)).ToArray();
        // Under which number of node 1's a source arrives is learnt from a first datagram.
        for (var i = 0; i < ways.Length; i++)
        {
            var first = templates[i].ToArray();
            rig[0].Forward(HopRig.Way(0, i + 2), first, 0, first.Length, default, rig.Now);
            while (rig[0].TryTakeForward(out _, out _)) { }
            while (rig[0].TryTakeQueued(buffer, rig.Now += TimeSpan.FromMilliseconds(2), out _)) { }
            numbers[BinaryPrimitives.ReadUInt64BigEndian(first.AsSpan(1))] = i;
        }
        for (; rig.Now < end; rig.Now += TimeSpan.FromMilliseconds(1))
        {
            for (var i = 0; i < ways.Length; i++) { credit[i] += load[i] * Rate / 1000; }
            while (credit.Any(static each => each >= 1500))
            {
                var i = random.Next(ways.Length);
                if (credit[i] < 1500) { continue; }
                credit[i] -= templates[i].Length;
                var datagram = templates[i].ToArray();
                rig[0].Forward(HopRig.Way(0, i + 2), datagram, 0, datagram.Length, default, rig.Now);
                while (rig[0].TryTakeForward(out var transmit, out var offset)) { Count(datagram.AsSpan(offset, transmit.Length), transmit.SegmentSize); }
            }
            while (rig[0].TryTakeQueued(buffer, rig.Now, out var transmit)) { Count(buffer.AsSpan(0, transmit.Length), transmit.SegmentSize); }
        }
        return delivered;

        void Count(ReadOnlySpan<byte> data, int segmentSize)
        {
            for (var at = 0; at < data.Length; at += segmentSize)
            {
                delivered[numbers[BinaryPrimitives.ReadUInt64BigEndian(data[(at + 1)..])]] += Math.Min(segmentSize, data.Length - at);
            }
        }
    }
}
