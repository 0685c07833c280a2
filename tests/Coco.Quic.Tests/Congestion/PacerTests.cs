using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class PacerTests
{
    private const int Packet = 1200;
    private const long Ms = TimeSpan.TicksPerMillisecond;

    [Fact]
    public void Without_a_rate_everything_passes()
    {
        var pacer = default(Pacer);
        pacer.OnSent(1_000_000, 5);
        Assert.Equal(5, pacer.NextSendTime(5));
    }

    [Fact] // RFC 9002 §7.7: bursts up to the initial window
    public void A_slow_path_takes_ten_packets_at_once_and_then_waits()
    {
        var pacer = default(Pacer);
        pacer.SetRate(100_000, Packet, 0);

        Assert.InRange(SendBurst(ref pacer, 0), 10, 11);
        Assert.True(pacer.NextSendTime(0) >= Ms);
    }

    [Fact]
    public void A_fast_path_takes_two_milliseconds_at_once()
    {
        var pacer = default(Pacer);
        pacer.SetRate(125_000_000, Packet, 0); // 1 Gb/s

        Assert.InRange(SendBurst(ref pacer, 0) * Packet, 250_000, 252_400);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(12_500_000)]
    [InlineData(1_250_000_000)]
    [InlineData(12_500_000_000)]
    public void Over_a_second_the_rate_is_kept_by_timers_of_a_millisecond(long rate)
    {
        var pacer = default(Pacer);
        pacer.SetRate(rate, Packet, 0);
        SendBurst(ref pacer, 0);
        var sent = 0L;
        for (var now = Ms; now <= 1000 * Ms; now += Ms)
        {
            sent += (long)SendBurst(ref pacer, now) * Packet;
        }

        Assert.InRange(sent, rate * 0.995 - Packet, rate * 1.005 + Packet);
    }

    [Fact]
    public void An_idle_hour_earns_no_more_than_one_burst()
    {
        var pacer = default(Pacer);
        pacer.SetRate(100_000, Packet, 0);
        SendBurst(ref pacer, 0);

        Assert.InRange(SendBurst(ref pacer, TimeSpan.TicksPerHour), 10, 11);
    }

    [Fact]
    public void A_round_trip_below_a_millisecond_is_never_held_back()
    {
        const long window = 100_000;
        var rtt = Ms / 10;
        var pacer = default(Pacer);
        pacer.SetRate((long)(1.25 * window * TimeSpan.TicksPerSecond / rtt), Packet, 0);
        for (var now = 0L; now < 1000 * Ms; now += rtt)
        {
            Assert.Equal(now, pacer.NextSendTime(now));
            pacer.OnSent((int)window, now);
        }
    }

    [Fact]
    public void A_wait_is_at_least_a_timers_resolution_so_that_packets_gather()
    {
        var pacer = default(Pacer);
        pacer.SetRate(125_000_000, Packet, 0);
        SendBurst(ref pacer, 0);

        Assert.Equal(Ms, pacer.NextSendTime(0));
        Assert.InRange(SendBurst(ref pacer, Ms) * Packet, 123_800, 126_200);
    }

    [Fact]
    public void No_rate_size_or_time_overflows()
    {
        long[] rates = [long.MinValue, 0, 1, 1_000_000_000_000, long.MaxValue];
        var yearTicks = 365 * TimeSpan.TicksPerDay;
        foreach (var rate in rates)
        {
            var pacer = default(Pacer);
            pacer.SetRate(rate, 65_527, yearTicks);
            Assert.Equal(yearTicks, pacer.NextSendTime(yearTicks));
            for (var i = 0; i < 10; i++)
            {
                pacer.OnSent(10_000_000, yearTicks);
            }

            Assert.InRange(pacer.NextSendTime(yearTicks), yearTicks, 2 * yearTicks);
        }
    }

    private static int SendBurst(ref Pacer pacer, long now)
    {
        var sent = 0;
        for (; pacer.NextSendTime(now) == now; sent++)
        {
            pacer.OnSent(Packet, now);
        }

        return sent;
    }
}
