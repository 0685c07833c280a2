using Coco.Crypto;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

public sealed class StunRateLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_network_is_answered_in_a_burst_and_then_at_its_rate()
    {
        var limit = new StunRateLimit(new() { PerSecond = 10, Burst = 5 }, new SeededRandomSource(1));

        Assert.Equal(5, Taken(limit, Second, 20));
        Assert.Equal(1, Taken(limit, Second + TimeSpan.FromMilliseconds(100), 20));
        Assert.Equal(5, Taken(limit, 100 * Second, 20));
    }

    [Fact]
    public void Hosts_of_one_network_share_and_of_another_do_not()
    {
        var limit = new StunRateLimit(new() { Burst = 1 }, new SeededRandomSource(1));

        Assert.True(limit.TryTake(Ipv4(203, 0, 113, 1), Second));
        Assert.False(limit.TryTake(Ipv4(203, 0, 113, 2), Second));
        Assert.True(limit.TryTake(Ipv4(203, 0, 114, 1), Second));
    }

    [Fact]
    public void Everybody_together_has_a_limit()
    {
        var limit = new StunRateLimit(new() { TotalPerSecond = 50 }, new SeededRandomSource(1));

        Assert.Equal(50, Enumerable.Range(0, 200).Count(i => limit.TryTake(Ipv4(10, (byte)i, 0, 1), Second)));
    }

    [Fact]
    public void Ten_thousand_hosts_of_a_carrier_s_network_are_answered_and_two_hundred_that_start_at_once()
    {
        const int Requests = 10; // of each
        var limit = new StunRateLimit(new(), new SeededRandomSource(1));

        Assert.True(Enumerable.Range(0, 10_000 * Requests).All(i => limit.TryTake(Ipv4(203, 0, 113, (byte)i), Second + TimeSpan.FromMilliseconds(3 * i)))); // over five minutes
        Assert.Equal(200 * Requests, Taken(limit, 1000 * Second, 200 * Requests));
    }

    [Fact]
    public void A_million_sources_take_no_memory()
    {
        var limit = new StunRateLimit(new(), new SeededRandomSource(1));
        limit.TryTake(Ipv4(10, 0, 0, 1), Second);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0u; i < 1_000_000; i++) { limit.TryTake(NetworkAddress.FromIpv4(i << 8, 1), Second); }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Taken(StunRateLimit limit, TimeSpan now, int tries) =>
        Enumerable.Range(0, tries).Count(_ => limit.TryTake(Ipv4(203, 0, 113, 1), now));

    private static NetworkAddress Ipv4(byte a, byte b, byte c, byte d) => NetworkAddress.FromIpv4(((uint)a << 24) | ((uint)b << 16) | ((uint)c << 8) | d, 1);
}
