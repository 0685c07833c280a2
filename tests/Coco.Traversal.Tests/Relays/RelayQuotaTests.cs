using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayQuotaTests
{
    private static readonly RelayQuota Plenty = RelayForwardingTests.Unlimited;

    [Fact]
    public void A_client_gets_its_packets_to_the_packet()
    {
        var rig = new RelayRig(new() { PerClient = Plenty with { PacketsPerSecond = 100, Burst = TimeSpan.FromMilliseconds(500) } });
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);

        Assert.Equal(50, Count(rig, atA, 45) + Count(rig, atA, 45)); // the burst, cut within a batch
        rig.Now += TimeSpan.FromMilliseconds(9.9999);
        Assert.Equal(0, Count(rig, atA, 1));
        rig.Now += TimeSpan.FromMilliseconds(0.0001);
        Assert.Equal(1, Count(rig, atA, 2));
        Assert.Equal(20, Count(rig, atB, 20)); // the other side has its own
        Assert.Equal(40 + 1 + 1, rig.Server.Statistics.Dropped[(int)RelayDropReason.ClientRate]);
    }

    [Fact]
    public void A_client_gets_its_bytes_to_the_byte_over_an_hour_of_odd_intervals()
    {
        var rig = new RelayRig(new() { PerClient = Plenty with { BytesPerSecond = 33_333, Burst = TimeSpan.FromSeconds(1) } });
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        var random = new Random(9);
        var datagrams = (long)Count(rig, atA, 400);
        while (rig.Now < TimeSpan.FromHours(1))
        {
            rig.Now += TimeSpan.FromTicks(random.NextInt64(1, 3_000_000)); // less than the burst, so that nothing is lost
            datagrams += Count(rig, atA, 150);
        }
        var granted = (UInt128)33_333 * (ulong)(rig.Now + TimeSpan.FromSeconds(1)).Ticks / TimeSpan.TicksPerSecond;
        Assert.Equal((long)granted / 100, datagrams);
    }

    [Fact]
    public void A_network_has_one_quota_for_all_its_clients_and_who_is_in_none_has_no_such_bound()
    {
        var rig = new RelayRig(new() { PerClient = Plenty, PerNetwork = Plenty with { PacketsPerSecond = 10 } });
        var (a, b, c) = (rig.Add(1, "n"), rig.Add(2, "n"), rig.Add(3, "n"));
        var (fromA, fromB) = rig.Open(a, b);
        var (fromC, _) = rig.Open(c, b);
        var (d, e) = (rig.Add(4), rig.Add(5));
        var (fromD, _) = rig.Open(d, e);

        Assert.Equal(10, Count(rig, fromA, 4) + Count(rig, fromB, 4) + Count(rig, fromC, 4));
        Assert.Equal(40, Count(rig, fromD, 40));
        Assert.Equal(2, rig.Server.Statistics.Dropped[(int)RelayDropReason.NetworkRate]);
    }

    [Fact]
    public void What_a_network_refuses_costs_the_client_nothing()
    {
        var rig = new RelayRig(new() { PerClient = Plenty with { BytesPerMonth = 1000 }, PerNetwork = Plenty with { PacketsPerSecond = 1 } });
        var (atA, _) = rig.Open(rig.Add(1, "n"), rig.Add(2, "n"));
        for (var second = 0; second < 20; second++)
        {
            Count(rig, atA, 10);
            rig.Now += TimeSpan.FromSeconds(1);
        }
        Assert.Equal(1000, rig.Server.Statistics.Bytes);
    }

    [Fact]
    public void A_month_of_bytes_is_counted_to_the_byte_over_connections_and_starts_anew_after_30_days()
    {
        var rig = new RelayRig(new() { PerClient = Plenty with { BytesPerMonth = 1050 } });
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        Assert.Equal(6, Count(rig, atA, 6));

        // Connecting again gives nothing back.
        rig.Server.RemoveClient(a, rig.Now);
        a = rig.Add(1);
        Assert.Equal(450ul, Assert.IsType<RelayMessage.Registered>(rig.Take(a)[0]).Limits.BytesLeft);
        (atA, _) = rig.Open(a, b);
        Assert.Equal(4, Count(rig, atA, 6));
        Assert.Equal(2, rig.Server.Statistics.Dropped[(int)RelayDropReason.ClientMonth]);

        rig.Now = TimeSpan.FromDays(30) - TimeSpan.FromTicks(1);
        Assert.Equal(0, Count(rig, atA, 1));
        rig.Now = TimeSpan.FromDays(30);
        Assert.Equal(10, Count(rig, atA, 11));
        rig.Now = TimeSpan.FromDays(90);
        Assert.Equal(10, Count(rig, atA, 11));
    }

    [Fact]
    public void Two_connections_of_one_identity_share_its_quota()
    {
        var rig = new RelayRig(new() { PerClient = Plenty with { PacketsPerSecond = 10 } });
        var (first, b, c) = (rig.Add(1), rig.Add(2), rig.Add(3));
        var second = rig.Add(1);
        var (one, _) = rig.Open(first, b);
        var (two, _) = rig.Open(second, c);
        Assert.Equal(10, Count(rig, one, 8) + Count(rig, two, 8));
    }

    [Fact]
    public void Only_so_many_accounts_of_those_who_left_are_remembered()
    {
        var accounts = new RelayAccounts<int>(3, now => new(Plenty, 1, 1, now));
        for (var key = 0; key < 10; key++)
        {
            accounts.Acquire(key, TimeSpan.Zero);
            accounts.Acquire(key, TimeSpan.Zero);
        }
        for (var key = 0; key < 10; key++) { accounts.Release(key); }
        Assert.Equal(10, accounts.Count); // all in use

        var kept = accounts.Acquire(8, TimeSpan.Zero);
        for (var key = 0; key < 10; key++) { accounts.Release(key); }
        Assert.Equal(4, accounts.Count); // 8, and the last three that left
        Assert.Same(kept, accounts.Acquire(8, TimeSpan.Zero));
    }

    [Fact]
    public void A_bucket_survives_any_time()
    {
        var bucket = new TokenBucket(50_000_000_000, 500_000_000_000);
        foreach (var now in new[] { TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.MaxValue, TimeSpan.Zero })
        {
            bucket.Refill(now);
            bucket.Take(int.MaxValue);
            Assert.True(bucket.Has(int.MaxValue));
        }
    }

    // How many of so many datagrams of 100 bytes pass.
    private static int Count(RelayRig rig, ulong session, int datagrams)
    {
        var sessions = new ulong[datagrams];
        Array.Fill(sessions, session);
        return rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, sessions), 100).Sum(run => run.Bytes.Length) / 100;
    }
}
