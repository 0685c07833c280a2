using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class NewRenoTests
{
    [Theory] // RFC 9002 §7.2: 10 datagrams, limited to the larger of 14720 bytes and two datagrams
    [InlineData(1200, 12000, 2400)]
    [InlineData(1472, 14720, 2944)]
    [InlineData(1500, 14720, 3000)]
    [InlineData(9000, 18000, 18000)]
    public void Initial_and_minimum_window_follow_the_datagram_size(int datagram, long initial, long minimum)
    {
        var reno = new NewReno(datagram);
        Assert.Equal(initial, reno.Window);

        reno.OnPersistentCongestion();
        Assert.Equal(minimum, reno.Window);
    }

    [Fact] // §7.2: the initial window is recalculated when the datagram size changes
    public void An_untouched_window_follows_a_change_of_datagram_size()
    {
        var reno = new NewReno(1200);
        reno.SetMaxDatagramSize(1400);
        Assert.Equal(14000, reno.Window);
    }

    [Fact] // B.5
    public void In_slow_start_the_window_grows_by_what_is_acknowledged()
    {
        var (reno, driver) = Make();
        driver.RunRound();
        driver.RunRound();

        Assert.Equal(40_000, reno.Window);
        Assert.Equal(0, reno.BytesInFlight);
    }

    [Fact] // B.6 and §7.3.2
    public void Loss_halves_the_window_once_for_all_packets_sent_before_it()
    {
        var (reno, driver) = Make();
        driver.RunRound();
        driver.Send(20);
        var sentTime = driver.Now;
        driver.Wait(TimeSpan.FromMilliseconds(100));

        driver.Lose(1, sentTime);
        driver.Wait(TimeSpan.FromMilliseconds(1));
        driver.Lose(5, sentTime);

        Assert.Equal(10_000, reno.Window);
        Assert.Equal(10_000, reno.SlowStartThreshold);
        Assert.Equal(14_000, reno.BytesInFlight);
    }

    [Fact] // §7.3.2: no growth in recovery
    public void Packets_sent_before_recovery_do_not_grow_the_window()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        var sentTime = driver.Now;
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Lose(1, sentTime);
        driver.Ack(9, sentTime);

        Assert.Equal(5_000, reno.Window);
    }

    [Fact] // §7.3.2: a packet sent during recovery that is lost starts a new recovery
    public void A_loss_of_a_packet_sent_in_recovery_halves_again()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Lose(8, 0);
        driver.Wait(TimeSpan.FromMilliseconds(1));
        driver.Send(1);
        driver.Lose(1, driver.Now);

        Assert.Equal(2_500, reno.Window);
    }

    [Fact] // B.5: max_datagram_size * acked / congestion_window
    public void In_congestion_avoidance_a_window_acknowledged_adds_one_datagram()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Lose(10, 0);
        driver.Wait(TimeSpan.FromMilliseconds(1));
        for (var round = 0; round < 20; round++)
        {
            driver.RunRound();
        }

        Assert.InRange(reno.Window, 5_000 + 18_000, 5_000 + 20_000);
    }

    [Fact] // §7.1: a CE mark is as a loss
    public void A_congestion_mark_halves_the_window_once_per_round_trip()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Ack(2, 0, congestionExperienced: true);
        driver.Ack(2, 0, congestionExperienced: true);

        Assert.Equal(5_000, reno.Window);
    }

    [Fact] // §7.6.2
    public void Persistent_congestion_leaves_the_minimum_window_and_slow_start()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Lose(10, 0);
        reno.OnPersistentCongestion();

        Assert.Equal(2_000, reno.Window);
        Assert.True(reno.InSlowStart);
    }

    [Fact] // §7.2: no reduction below the minimum window
    public void Loss_never_takes_the_window_below_two_datagrams()
    {
        var (reno, driver) = Make();
        for (var i = 0; i < 10; i++)
        {
            driver.Wait(TimeSpan.FromMilliseconds(1));
            driver.Send(1);
            driver.Lose(1, driver.Now);
        }

        Assert.Equal(2_000, reno.Window);
    }

    [Fact] // §7.8
    public void A_window_the_application_does_not_use_does_not_grow()
    {
        var (reno, driver) = Make();
        driver.Send(3);
        reno.OnAppLimited();
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Ack(3, 0);

        Assert.Equal(10_000, reno.Window);
    }

    [Fact] // §7.8: being held by the pacer is no underuse
    public void A_window_the_pacer_holds_back_grows()
    {
        var (reno, driver) = Make();
        driver.Send(3);
        driver.Wait(TimeSpan.FromMilliseconds(100));
        driver.Ack(3, 0);

        Assert.Equal(13_000, reno.Window);
    }

    [Fact] // §6.4: packets whose keys are dropped leave flight without effect on the window
    public void Discarded_packets_free_the_window_without_growth()
    {
        var (reno, driver) = Make();
        driver.Send(10);
        Assert.False(reno.CanSend(1));
        reno.OnDiscarded(4_000);

        Assert.Equal((10_000, 6_000), (reno.Window, reno.BytesInFlight));
        Assert.True(reno.CanSend(4_000));
        Assert.Equal(4_000, reno.Available);
    }

    [Fact] // §7.7: N * congestion_window / smoothed_rtt
    public void The_pacing_rate_is_five_quarters_of_the_window_per_round_trip()
    {
        var (reno, driver) = Make();
        Assert.Equal(2 * 100_000, reno.PacingRate(driver.Rtt)); // in slow start

        driver.Send(1);
        driver.Lose(1, driver.Now);
        Assert.Equal(62_500, reno.PacingRate(driver.Rtt));
    }

    private static (NewReno Reno, ControllerDriver Driver) Make()
    {
        var reno = new NewReno(ControllerDriver.PacketSize);
        return (reno, new ControllerDriver(reno, 100));
    }
}
