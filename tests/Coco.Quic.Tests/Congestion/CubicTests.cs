using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class CubicTests
{
    private const double Segment = ControllerDriver.PacketSize;

    [Fact] // RFC 9438 §4.2, figures 1 and 2: W_cubic(t) = C (t - K)³ + W_max, K = cbrt((W_max - cwnd_epoch) / C)
    public void After_a_loss_the_window_follows_the_cubic_function()
    {
        var (cubic, driver, most) = LoseAt(1000, rttMs: 100);
        var k = Math.Cbrt(most / Segment * 0.3 / 0.4);
        driver.RunRound();
        var epoch = driver.Now;
        while (driver.Now - epoch < 15 * TimeSpan.TicksPerSecond)
        {
            driver.RunRound();
            var t = (driver.Now - epoch) / (double)TimeSpan.TicksPerSecond;
            // The window aims at the curve one round trip ahead.
            var expected = (0.4 * Math.Pow(t + 0.1 - k, 3) * Segment) + most;
            Assert.InRange(cubic.Window, expected * 0.97, expected * 1.01);
        }
    }

    [Fact] // §4.6
    public void Loss_takes_the_window_to_seven_tenths()
    {
        var (cubic, _, most) = LoseAt(1000, rttMs: 100);
        Assert.Equal((long)(most * 0.7), cubic.Window);
        Assert.Equal(cubic.Window, cubic.SlowStartThreshold);
    }

    [Fact] // §4.3: W_est grows by alpha = 3 (1 - beta) / (1 + beta) segments per round trip until it reaches cwnd_prior
    public void On_short_paths_the_window_grows_as_fast_as_renos_would()
    {
        var (cubic, driver, _) = LoseAt(40, rttMs: 5);
        var start = cubic.Window;
        for (var round = 0; round < 16; round++)
        {
            driver.RunRound();
        }

        Assert.InRange(cubic.Window - start, 15 * 0.52 * Segment, 16 * 0.54 * Segment);
    }

    [Fact] // §4.3: from cwnd_prior on, alpha is 1
    public void Past_the_last_window_the_reno_estimate_grows_a_segment_per_round_trip()
    {
        var (cubic, driver, most) = LoseAt(40, rttMs: 5);
        while (cubic.Window <= most + Segment)
        {
            driver.RunRound();
        }

        var start = cubic.Window;
        for (var round = 0; round < 10; round++)
        {
            driver.RunRound();
        }

        Assert.InRange(cubic.Window - start, 9 * Segment, 10 * Segment);
    }

    [Fact] // §4.7: W_max = cwnd * (1 + beta) / 2 when the window did not reach the last W_max
    public void A_flow_that_loses_early_gives_way_to_others()
    {
        var (cubic, driver, _) = LoseAt(1000, rttMs: 100);
        driver.RunRound();
        var second = cubic.Window;
        driver.Send(1);
        driver.Lose(1, driver.Now);
        var plateau = second * 0.85;
        var k = Math.Cbrt((plateau - second * 0.7) / Segment / 0.4);
        RunFor(driver, k);

        Assert.InRange(cubic.Window, plateau * 0.98, plateau * 1.02);
    }

    [Fact] // §4.4: the target is at most half above the window
    public void No_round_trip_adds_more_than_half_the_window()
    {
        var (cubic, driver, _) = LoseAt(100, rttMs: 4000);
        for (var round = 0; round < 10; round++)
        {
            var before = cubic.Window;
            driver.RunRound();
            Assert.InRange(cubic.Window, before, before * Math.Exp(0.5));
        }
    }

    [Fact] // §5.8: periods in which the flow was limited by its application are not part of the epoch
    public void Idle_time_does_not_move_the_curve()
    {
        var (cubic, driver, _) = LoseAt(1000, rttMs: 100);
        driver.RunRound();
        var (other, otherDriver, _) = LoseAt(1000, rttMs: 100);
        otherDriver.RunRound();

        driver.Wait(TimeSpan.FromMinutes(5));
        driver.RunRound();
        otherDriver.RunRound();

        Assert.InRange(cubic.Window, other.Window - 3 * Segment, other.Window + 3 * Segment);
    }

    [Fact] // §4.8: after a timeout, W_max is the window at which congestion avoidance begins, K = 0
    public void After_persistent_congestion_avoidance_starts_from_its_own_window()
    {
        var (cubic, driver, _) = LoseAt(1000, rttMs: 100);
        cubic.OnPersistentCongestion();
        Assert.Equal(2 * Segment, cubic.Window);

        while (cubic.InSlowStart)
        {
            driver.RunRound();
        }

        driver.RunRound();
        var start = cubic.Window;
        RunFor(driver, 4);

        Assert.InRange(cubic.Window, start, start + ((0.4 * 64) + 25) * Segment);
    }

    [Fact] // RFC 9406 §4.2
    public void Growing_round_trips_end_slow_start_before_any_loss()
    {
        var cubic = new Cubic(ControllerDriver.PacketSize);
        RunRounds(cubic, rounds: 12, (_, packets) => 20 + packets * 0.1);

        Assert.False(cubic.InSlowStart);
    }

    [Fact] // RFC 9406 §4.2
    public void Constant_round_trips_do_not_end_slow_start()
    {
        var cubic = new Cubic(ControllerDriver.PacketSize);
        RunRounds(cubic, rounds: 12, (_, _) => 20);

        Assert.True(cubic.InSlowStart);
    }

    [Fact] // RFC 9406 §4.2: back from Conservative Slow Start when the round trip falls again
    public void A_passing_delay_does_not_end_slow_start()
    {
        var cubic = new Cubic(ControllerDriver.PacketSize);
        RunRounds(cubic, rounds: 14, (round, _) => round == 3 ? 40 : 20);

        Assert.True(cubic.InSlowStart);
    }

    [Fact] // RFC 9406 §4.3: CSS_GROWTH_DIVISOR 4
    public void Conservative_slow_start_grows_by_a_quarter()
    {
        var cubic = new Cubic(ControllerDriver.PacketSize);
        RunRounds(cubic, rounds: 4, (round, _) => round == 3 ? 40 : 20);
        var before = cubic.Window;
        RunRounds(cubic, rounds: 1, (_, _) => 40);

        Assert.InRange(cubic.Window, before * 1.24, before * 1.26);
    }

    /// <summary>Grows a flow to about <paramref name="segments"/>, then loses a packet; the window before that is the result.</summary>
    private static (Cubic Cubic, ControllerDriver Driver, long Most) LoseAt(int segments, double rttMs)
    {
        var cubic = new Cubic(ControllerDriver.PacketSize);
        var driver = new ControllerDriver(cubic, rttMs);
        while (cubic.Window < segments * Segment)
        {
            driver.RunRound();
        }

        var most = cubic.Window;
        driver.Send(1);
        driver.Lose(1, driver.Now);
        driver.Wait(TimeSpan.FromTicks(1));
        return (cubic, driver, most);
    }

    private static void RunFor(ControllerDriver driver, double seconds)
    {
        var end = driver.Now + (long)(seconds * TimeSpan.TicksPerSecond);
        while (driver.Now < end)
        {
            driver.RunRound();
        }
    }

    private static void RunRounds(Cubic cubic, int rounds, Func<int, long, double> rttMs)
    {
        var now = 0L;
        for (var round = 0; round < rounds; round++)
        {
            var sent = now;
            var packets = cubic.Window / ControllerDriver.PacketSize;
            for (var i = 0; i < packets; i++)
            {
                cubic.OnSent(ControllerDriver.PacketSize, sent);
            }

            var rtt = default(RttEstimator);
            rtt.Update((long)(rttMs(round, packets) * TimeSpan.TicksPerMillisecond), 0, true, 0);
            now += rtt.Latest;
            for (var i = 0; i < packets; i++)
            {
                var batch = new AckBatch(cubic, now);
                batch.AddAcked(ControllerDriver.PacketSize, sent);
                cubic.OnAckBatch(batch, rtt);
            }
        }
    }
}
