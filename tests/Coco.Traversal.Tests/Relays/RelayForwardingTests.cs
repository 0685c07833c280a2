using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayForwardingTests
{
    private const int Size = 1200;

    [Fact]
    public void A_datagram_goes_to_the_other_client_under_its_number_and_back()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);

        var there = Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(Size, atA), Size));
        Assert.Equal((RelaySamples.Udp(2), Size), (there.Link, there.SegmentSize));
        Assert.Equal(RelayRig.Datagrams(Size, atB), there.Bytes);

        var back = Assert.Single(rig.Forward(RelaySamples.Udp(2), RelayRig.Datagrams(Size, atB), Size));
        Assert.Equal(RelaySamples.Udp(1), back.Link);
        Assert.Equal(RelayRig.Datagrams(Size, atA), back.Bytes);
    }

    [Fact]
    public void A_batch_is_cut_where_the_receiver_changes_and_where_a_datagram_is_dropped()
    {
        var rig = new RelayRig();
        var (a, b, c) = (rig.Add(1), rig.Add(2), rig.Add(3));
        var (toB, atB) = rig.Open(a, b);
        var (toC, atC) = rig.Open(a, c);

        var data = RelayRig.Datagrams(100, toB, toB, toC, 999, toC, toB)[..^30];
        var runs = rig.Forward(RelaySamples.Udp(1), data, 100);

        Assert.Equal([2, 3, 3, 2], runs.Select(run => run.Link == RelaySamples.Udp(2) ? 2 : 3));
        Assert.Equal([200, 100, 100, 70], runs.Select(run => run.Bytes.Length));
        Assert.Equal([100, 100, 100, 70], runs.Select(run => run.SegmentSize));
        Assert.Equal([atB, atB, atC, atC, atB], runs.SelectMany(run => run.Bytes.Chunk(run.SegmentSize).Select(SessionOf)));
        Assert.Equal(1, rig.Server.Statistics.Dropped[(int)RelayDropReason.UnknownSession]);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 1)]
    [InlineData(1500, 1)]
    [InlineData(1501, 0)]
    public void Datagrams_have_a_header_and_at_most_1500_bytes(int length, int forwarded)
    {
        var rig = new RelayRig();
        var (toB, _) = rig.Open(rig.Add(1), rig.Add(2));
        var data = new byte[length];
        RelayRig.Datagrams(9, toB).AsSpan(0, Math.Min(9, length)).CopyTo(data);

        Assert.Equal(forwarded, rig.Forward(RelaySamples.Udp(1), data, length).Count);
        Assert.Equal(1 - forwarded, rig.Server.Statistics.Dropped[(int)RelayDropReason.Malformed]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void No_segment_size_makes_it_throw(int segmentSize)
    {
        var rig = new RelayRig();
        var (toB, _) = rig.Open(rig.Add(1), rig.Add(2));
        Assert.Equal(segmentSize > 0 ? 1 : 0, rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(Size, toB), segmentSize).Count);
        Assert.Empty(rig.Forward(RelaySamples.Udp(1), [], segmentSize));
    }

    [Fact]
    public void What_is_not_taken_before_the_next_batch_is_lost()
    {
        var rig = new RelayRig();
        var (toB, _) = rig.Open(rig.Add(1), rig.Add(2));
        rig.Server.HandleDatagrams(RelaySamples.Udp(1), RelayRig.Datagrams(Size, toB), Size, rig.Now);
        Assert.Empty(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(Size, 999), Size));
    }

    [Fact]
    public void Forwarding_a_batch_of_45_datagrams_allocates_nothing()
    {
        var rig = new RelayRig(new() { PerClient = Unlimited, PerNetwork = Unlimited });
        var (a, b, c) = (rig.Add(1, "n"), rig.Add(2, "n"), rig.Add(3, "n"));
        var (toB, atB) = rig.Open(a, b);
        var (toC, atC) = rig.Open(a, c);
        var sessions = Enumerable.Range(0, 45).Select(i => i % 10 < 7 ? toB : toC).ToArray();
        var data = RelayRig.Datagrams(Size, sessions);
        var pristine = (byte[])data.Clone();
        var from = RelaySamples.Udp(1);
        var moved = RelaySamples.Udp(77);

        long Forward(int batches)
        {
            var bytes = 0L;
            for (var i = 0; i < batches; i++)
            {
                pristine.CopyTo(data, 0);
                // Every other batch comes from where the client has not been seen.
                rig.Server.HandleDatagrams(i % 2 == 0 ? from : moved, data, Size, TimeSpan.FromSeconds(i));
                while (rig.Server.TryTakeForward(out var transmit, out _)) { bytes += transmit.Length; }
                while (rig.Server.TryTakeUnverified(out _, out _)) { }
            }
            return bytes;
        }

        Forward(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var forwarded = Forward(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100L * data.Length, forwarded);
        Assert.NotEqual(atB, atC);
    }

    [Fact]
    public void Any_mix_of_sessions_is_split_as_a_naive_relay_would()
    {
        for (var seed = 0; seed < 2_000; seed++) { CompareWithNaive(seed); }
    }

    internal static RelayQuota Unlimited { get; } =
        new() { BytesPerSecond = 50_000_000_000, PacketsPerSecond = 1_000_000_000, BytesPerMonth = 1_000_000_000_000_000_000 };

    private static void CompareWithNaive(int seed)
    {
        var random = new Random(seed);
        var rig = new RelayRig();
        var clients = Enumerable.Range(1, 5).Select(n => rig.Add(n)).ToArray();
        var legs = new Dictionary<ulong, (Link Target, ulong Number)>();
        foreach (var (one, other) in new[] { (0, 1), (0, 2), (3, 0), (1, 2), (4, 3) })
        {
            var (caller, target) = rig.Open(clients[one], clients[other]);
            legs.Add(caller, (RelaySamples.Udp(other + 1), target));
            legs.Add(target, (RelaySamples.Udp(one + 1), caller));
        }
        var segmentSize = random.Next(1, 1600);
        var data = Batch(random, [.. legs.Keys, 12345], segmentSize);

        var expected = new List<(Link Link, byte[] Bytes)>();
        foreach (var datagram in data.Chunk(segmentSize))
        {
            if (datagram.Length > 1500 || !RelayDatagram.TryReadHeader(datagram, out var session)) { continue; }
            if (!legs.TryGetValue(session, out var other)) { continue; }
            var copy = (byte[])datagram.Clone();
            RelayDatagram.WriteHeader(copy, other.Number);
            expected.Add((other.Target, copy));
        }

        var runs = rig.Forward(RelaySamples.Udp(1), data, segmentSize);
        var got = runs.SelectMany(run => run.Bytes.Chunk(run.SegmentSize).Select(datagram => (run.Link, datagram))).ToArray();
        Assert.Equal(expected.Select(one => (one.Link, Convert.ToHexString(one.Bytes))), got.Select(one => (one.Link, Convert.ToHexString(one.datagram))));
        Assert.All(runs, run => Assert.InRange(run.SegmentSize, 1, run.Bytes.Length));
    }

    private static byte[] Batch(Random random, ulong[] sessions, int segmentSize)
    {
        var data = new byte[random.Next(1, Math.Min(65_535, segmentSize * 50))];
        random.NextBytes(data);
        var session = sessions[0];
        for (var offset = 0; offset + 9 <= data.Length; offset += segmentSize)
        {
            if (random.Next(3) == 0) { session = sessions[random.Next(sessions.Length)]; }
            if (segmentSize >= 9 && random.Next(20) != 0) { RelayDatagram.WriteHeader(data.AsSpan(offset), session); }
        }
        return data;
    }

    private static ulong SessionOf(byte[] datagram) => RelayDatagram.TryReadHeader(datagram, out var session) ? session : 0;
}
