using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class RttEstimatorTests
{
    private const long Ms = TimeSpan.TicksPerMillisecond;

    [Fact] // RFC 9002 §5.3 and §6.2.2
    public void Before_a_sample_the_round_trip_is_333_ms_and_its_variation_half_of_that()
    {
        var rtt = default(RttEstimator);

        Assert.False(rtt.HasSample);
        Assert.Equal(333 * Ms, rtt.Smoothed);
        Assert.Equal(333 * Ms / 2, rtt.Variation);
        Assert.Equal(333 * Ms + 4 * (333 * Ms / 2), rtt.PtoBase(0)); // 999 ms
    }

    [Fact] // RFC 9002 §5.3
    public void The_first_sample_replaces_the_initial_estimates()
    {
        var rtt = default(RttEstimator);
        rtt.Update(100 * Ms, 10 * Ms, handshakeConfirmed: false, 25 * Ms);

        Assert.Equal((100 * Ms, 100 * Ms, 100 * Ms, 50 * Ms), (rtt.Latest, rtt.Minimum, rtt.Smoothed, rtt.Variation));
    }

    [Fact] // RFC 9002 §5.3
    public void Later_samples_move_the_average_by_an_eighth_and_the_variation_by_a_quarter()
    {
        var rtt = WithFirstSample(100);
        rtt.Update(180 * Ms, 0, handshakeConfirmed: true, 25 * Ms);

        Assert.Equal((3 * 50 + 80) * Ms / 4, rtt.Variation);
        Assert.Equal(110 * Ms, rtt.Smoothed);
    }

    [Fact] // RFC 9002 §5.3: MUST use the lesser of the reported delay and max_ack_delay once confirmed
    public void A_reported_delay_above_max_ack_delay_is_cut_once_the_handshake_is_confirmed()
    {
        var rtt = WithFirstSample(100);
        rtt.Update(180 * Ms, 60 * Ms, handshakeConfirmed: true, 20 * Ms);

        Assert.Equal((7 * 100 + 160) * Ms / 8, rtt.Smoothed);
    }

    [Fact] // RFC 9002 §5.3
    public void A_reported_delay_is_taken_whole_before_the_handshake_is_confirmed()
    {
        var rtt = WithFirstSample(100);
        rtt.Update(180 * Ms, 60 * Ms, handshakeConfirmed: false, 20 * Ms);

        Assert.Equal((7 * 100 + 120) * Ms / 8, rtt.Smoothed);
    }

    [Fact] // RFC 9002 §5.3: MUST NOT subtract when the result is below min_rtt
    public void A_reported_delay_never_takes_the_sample_below_the_minimum()
    {
        var rtt = WithFirstSample(100);
        rtt.Update(110 * Ms, 20 * Ms, handshakeConfirmed: true, 25 * Ms);

        Assert.Equal((7 * 100 + 110) * Ms / 8, rtt.Smoothed);
    }

    [Fact] // RFC 9002 §5.2: MUST NOT use the delay when updating min_rtt
    public void The_minimum_ignores_reported_delays()
    {
        var rtt = WithFirstSample(100);
        rtt.Update(90 * Ms, 80 * Ms, handshakeConfirmed: true, 100 * Ms);

        Assert.Equal(90 * Ms, rtt.Minimum);
    }

    [Fact] // RFC 9002 §5.2
    public void After_persistent_congestion_the_minimum_is_the_next_sample()
    {
        var rtt = WithFirstSample(100);
        rtt.ResetMinimum();
        rtt.Update(300 * Ms, 0, handshakeConfirmed: true, 25 * Ms);

        Assert.Equal(300 * Ms, rtt.Minimum);
    }

    [Fact] // RFC 9002 §6.2.1: PTO = smoothed_rtt + max(4*rttvar, kGranularity) + max_ack_delay
    public void The_probe_timeout_is_at_least_a_granularity_above_the_round_trip()
    {
        var rtt = WithFirstSample(100);
        Assert.Equal((100 + 200 + 25) * Ms, rtt.PtoBase(25 * Ms));

        for (var i = 0; i < 200; i++)
        {
            rtt.Update(100 * Ms, 0, handshakeConfirmed: true, 25 * Ms);
        }

        Assert.Equal(101 * Ms, rtt.PtoBase(0));
        Assert.Equal(3 * 126 * Ms, rtt.PersistentCongestionDuration(25 * Ms)); // §7.6.1
    }

    [Theory] // RFC 9002 §6.1.2: max(9/8 * max(smoothed_rtt, latest_rtt), kGranularity)
    [InlineData(80, 160, 180)]
    [InlineData(160, 80, 168.75)]
    [InlineData(0.1, 0.1, 1)]
    public void The_loss_delay_is_nine_eighths_of_the_greater_round_trip(double first, double second, double expectedMs)
    {
        var rtt = WithFirstSample(first);
        rtt.Update((long)(second * Ms), 0, handshakeConfirmed: true, 25 * Ms);

        Assert.Equal((long)(expectedMs * Ms), rtt.LossDelay);
    }

    [Fact]
    public void No_sample_or_delay_overflows()
    {
        long[] extremes = [long.MinValue, -1, 0, 1, Ms, long.MaxValue / 2, long.MaxValue];
        var rtt = default(RttEstimator);
        foreach (var latest in extremes)
        {
            foreach (var delay in extremes)
            {
                rtt.Update(latest, delay, handshakeConfirmed: false, 25 * Ms);
                Assert.InRange(rtt.Smoothed, 1, TimeSpan.TicksPerHour);
                Assert.InRange(rtt.Variation, 0, TimeSpan.TicksPerHour);
                Assert.True(rtt.Minimum > 0 && rtt.PtoBase(25 * Ms) > 0 && rtt.LossDelay > 0);
            }
        }
    }

    private static RttEstimator WithFirstSample(double ms)
    {
        var rtt = default(RttEstimator);
        rtt.Update((long)(ms * Ms), 0, handshakeConfirmed: false, 0);
        return rtt;
    }
}
