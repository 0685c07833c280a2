using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class PathMtuDiscoveryTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact] // RFC 9000 §14.3: every size a path may have, found with bounded probing
    public void The_search_ends_just_below_what_the_path_carries()
    {
        for (var mtu = 1200; mtu <= 9100; mtu++)
        {
            var discovery = MakeSearching(65_527);
            var probes = Search(ref discovery, mtu);

            Assert.InRange(discovery.Current, mtu - Math.Max(16, mtu / 64 + 1), mtu);
            Assert.InRange(probes, 1, 32);
            Assert.Equal(PathMtuState.SearchComplete, discovery.State);
        }
    }

    [Theory]
    [InlineData(1252)]
    [InlineData(1392)]
    [InlineData(1452)]
    [InlineData(1472)]
    [InlineData(8952)]
    [InlineData(8972)]
    [InlineData(65_507)]
    public void Sizes_in_common_use_are_found_exactly(int mtu)
    {
        var discovery = MakeSearching(65_527);
        var probes = Search(ref discovery, mtu);

        Assert.Equal(mtu, discovery.Current);
        Assert.InRange(probes, 1, 17);
    }

    [Fact]
    public void An_ethernet_path_costs_four_probes_that_arrive_and_three_that_do_not()
    {
        var discovery = MakeSearching(65_527);
        Assert.Equal(7, Search(ref discovery, 1472));
    }

    [Theory]
    [InlineData(1200)]
    [InlineData(1300)]
    [InlineData(1472)]
    [InlineData(2000)]
    [InlineData(65_527)]
    public void The_limit_is_reached_and_never_passed(int limit)
    {
        var discovery = MakeSearching(limit);
        Search(ref discovery, int.MaxValue);

        Assert.Equal(limit, discovery.Current);
        Assert.Equal(long.MaxValue, discovery.Deadline); // nothing to raise
    }

    [Fact] // RFC 8899 §5.1.2, MAX_PROBES
    public void A_size_fails_only_when_three_probes_of_it_are_lost()
    {
        var discovery = MakeSearching(1472);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(discovery.TryGetProbe(0, out var size));
            Assert.Equal(1252, size);
            Assert.False(discovery.TryGetProbe(0, out _)); // one at a time
            discovery.OnProbeLost(size);
        }

        Assert.True(discovery.TryGetProbe(0, out var next));
        Assert.InRange(next, 1201, 1251);
    }

    [Fact]
    public void No_probe_leaves_before_the_base_size_is_confirmed()
    {
        var discovery = PathMtuDiscovery.ForDatagrams(1472);

        Assert.False(discovery.TryGetProbe(0, out _));
        Assert.Equal((1200, PathMtuState.Base), (discovery.Current, discovery.State));
    }

    [Fact] // RFC 8899 §5.1.1, PMTU_RAISE_TIMER
    public void Ten_minutes_after_a_search_a_larger_size_is_tried()
    {
        var discovery = MakeSearching(9000);
        Search(ref discovery, 1472);
        Assert.Equal(600 * Second, discovery.Deadline);
        Assert.False(discovery.TryGetProbe(600 * Second - 1, out _));

        Assert.True(discovery.TryGetProbe(600 * Second, out var size));
        Assert.Equal(1488, size);
    }

    [Fact] // RFC 8899 §4.3
    public void A_path_that_drops_only_large_packets_falls_back_to_the_base()
    {
        var discovery = MakeSearching(1472);
        Search(ref discovery, 1472);
        var fell = 0;
        for (var ack = 1; ack <= 3; ack++)
        {
            discovery.OnPacketAcked(100);
            fell += discovery.OnPacketLost(1472, ack * Second) ? 1 : 0;
        }

        Assert.Equal(1, fell);
        Assert.Equal((1200, PathMtuState.Base), (discovery.Current, discovery.State));
        Assert.Equal(603 * Second, discovery.Deadline);
        Assert.True(discovery.TryGetProbe(603 * Second, out _));
    }

    [Fact] // RFC 8899 §4.3: repeated timeouts are a sign too
    public void Three_probe_timeouts_fall_back_to_the_base()
    {
        var discovery = MakeSearching(1472);
        Search(ref discovery, 1472);

        Assert.False(discovery.OnProbeTimeout(1));
        Assert.False(discovery.OnProbeTimeout(2));
        Assert.True(discovery.OnProbeTimeout(4));
        Assert.Equal(1200, discovery.Current);
    }

    [Fact]
    public void Congestion_that_lets_some_large_packets_through_is_no_black_hole()
    {
        var discovery = MakeSearching(1472);
        Search(ref discovery, 1472);
        for (var ack = 1; ack <= 1000; ack++)
        {
            discovery.OnPacketAcked(1472);
            for (var packet = 0; packet < 50; packet++)
            {
                Assert.False(discovery.OnPacketLost(1472, ack));
            }
        }

        Assert.Equal(1472, discovery.Current);
    }

    [Fact]
    public void A_limit_learnt_late_bounds_what_was_found_and_a_raised_one_is_searched()
    {
        var discovery = MakeSearching(9000);
        Search(ref discovery, 8972);
        discovery.SetLimit(1400);
        Assert.Equal(1400, discovery.Current);
        Assert.False(discovery.TryGetProbe(0, out _));

        discovery.SetLimit(1472);
        Assert.True(discovery.TryGetProbe(0, out var size));
        Assert.Equal(1452, size);
    }

    [Fact]
    public void Answers_to_probes_of_an_abandoned_search_are_ignored()
    {
        var discovery = MakeSearching(1472);
        Search(ref discovery, 1472);
        for (var i = 1; i <= 3; i++)
        {
            discovery.OnProbeTimeout(i);
        }

        discovery.OnProbeAcked(1472);
        discovery.OnProbeLost(1472);
        Assert.Equal(1200, discovery.Current);
    }

    [Fact]
    public void A_reliable_underlay_is_used_at_its_limit_without_probes()
    {
        var discovery = PathMtuDiscovery.ForReliable(16_000);
        discovery.OnBaseConfirmed();

        Assert.Equal(16_000, discovery.Current);
        Assert.False(discovery.TryGetProbe(long.MaxValue - 1, out _));
        Assert.False(discovery.OnPacketLost(16_000, 1) || discovery.OnProbeTimeout(2));
    }

    [Fact]
    public void Random_events_never_leave_the_base_and_the_limit()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var limit = random.Next(1200, 65_528);
            var discovery = MakeSearching(limit);
            var now = 0L;
            for (var step = 0; step < 500; step++)
            {
                now += random.NextInt64(20 * Second);
                RandomStep(random, ref discovery, ref limit, now);
                Assert.True(discovery.Current >= 1200 && discovery.Current <= limit, $"seed {seed}, step {step}");
            }
        }
    }

    private static void RandomStep(Random random, ref PathMtuDiscovery discovery, ref int limit, long now)
    {
        var size = random.Next(1, 65_535);
        switch (random.Next(7))
        {
            case 0:
                if (discovery.TryGetProbe(now, out var probe))
                {
                    Assert.InRange(probe, discovery.Current + 1, limit);
                    discovery.OnProbeAcked(probe);
                }

                break;
            case 1:
                if (discovery.TryGetProbe(now, out var lost))
                {
                    discovery.OnProbeLost(lost);
                }

                break;
            case 2:
                discovery.OnProbeAcked(size);
                break;
            case 3:
                discovery.OnPacketLost(size, now);
                break;
            case 4:
                discovery.OnPacketAcked(size);
                break;
            case 5:
                discovery.OnProbeTimeout(now);
                break;
            default:
                limit = Math.Clamp(size, 1200, 65_527);
                discovery.SetLimit(size);
                break;
        }
    }

    private static PathMtuDiscovery MakeSearching(int limit)
    {
        var discovery = PathMtuDiscovery.ForDatagrams(limit);
        discovery.OnBaseConfirmed();
        return discovery;
    }

    private static int Search(ref PathMtuDiscovery discovery, int mtu)
    {
        var probes = 0;
        for (; discovery.TryGetProbe(0, out var size); probes++)
        {
            if (size <= mtu)
            {
                discovery.OnProbeAcked(size);
            }
            else
            {
                discovery.OnProbeLost(size);
            }
        }

        return probes;
    }
}
