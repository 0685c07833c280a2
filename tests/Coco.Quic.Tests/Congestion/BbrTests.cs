using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class BbrTests // sections of draft-ietf-ccwg-bbr
{
    private const long Ms = TimeSpan.TicksPerMillisecond;

    [Fact] // §3, figure of the states
    public void A_bulk_flow_goes_through_all_states_in_order()
    {
        var seen = Observe(new SimulatedLink(20, 40, 2), seconds: 20).Select(step => step.State).Distinct();

        // The Down that follows Drain lasts no millisecond, as the queue is empty already.
        Assert.Equal(
            [BbrState.Startup, BbrState.Drain, BbrState.ProbeCruise, BbrState.ProbeRefill, BbrState.ProbeUp, BbrState.ProbeDown, BbrState.ProbeRtt],
            seen);
    }

    [Fact] // §5.3.4: every five seconds, for 200 ms, half a BDP
    public void The_least_round_trip_is_looked_for_with_half_the_pipe()
    {
        var probes = Observe(new SimulatedLink(20, 40, 2), seconds: 20).Where(step => step.State == BbrState.ProbeRtt).ToList();

        Assert.InRange(probes.Count, 0.2 * 3 * 1000, 0.4 * 4 * 1000);
        Assert.InRange(probes.Min(step => step.Window), 4 * SimulatedFlow.PacketSize, 55_000); // the BDP is 100,000
    }

    [Theory] // §5.5.10: loss above 2 % is congestion
    [InlineData(0.001, 0.8, 1)]
    [InlineData(0.1, 0.01, 0.3)]
    public void The_loss_threshold_parts_noise_from_congestion(double loss, double atLeast, double atMost)
    {
        var simulation = new BottleneckSimulation(new SimulatedLink(20, 40, 1, loss));
        var flow = simulation.AddFlow(CongestionAlgorithm.Bbr);

        Assert.InRange(simulation.Utilisation(flow, 2, 20), atLeast, atMost);
    }

    [Fact]
    public void Marks_keep_the_queue_of_two_flows_shorter()
    {
        Assert.True(MeanQueue(markAbove: 0.1) < 0.7 * MeanQueue(markAbove: 2));
    }

    [Fact] // §4.1.2.3: a sample over less than the least round trip measures a burst of ACKs
    public void Compressed_acknowledgements_give_no_rate()
    {
        var controller = new NewReno(1000);
        var delivery = default(DeliveryRate);
        delivery.OnRestart(0);
        var snapshot = delivery.TakeSnapshot(0, 1000);

        var early = new AckBatch(controller, 5 * Ms);
        early.AddAcked(1000, 0, snapshot);
        Assert.Equal(0, delivery.Take(early, minRtt: 10 * Ms).Rate);
    }

    [Fact] // §4.1.2.3: bytes delivered over the longer of the send and ACK intervals
    public void A_rate_is_what_was_delivered_between_send_and_acknowledgement()
    {
        var controller = new NewReno(1000);
        var delivery = default(DeliveryRate);
        delivery.OnRestart(0);
        var first = delivery.TakeSnapshot(0, 1000);
        var second = delivery.TakeSnapshot(15 * Ms, 2000);
        var batch = new AckBatch(controller, 25 * Ms);
        batch.AddAcked(1000, 0, first);
        batch.AddAcked(1000, 15 * Ms, second);
        var sample = delivery.Take(batch, minRtt: 10 * Ms);

        Assert.Equal(2000.0 / (25 * Ms), sample.Rate);
        Assert.Equal((0, 2000, 2000), (sample.PriorDelivered, sample.Delivered, sample.InFlightAtSend));
    }

    [Fact] // §4.1.2.4
    public void A_sample_of_an_idle_application_says_so_until_its_packets_have_left()
    {
        var controller = new NewReno(1000);
        var delivery = default(DeliveryRate);
        delivery.OnRestart(0);
        delivery.OnAppLimited(1000);
        var snapshot = delivery.TakeSnapshot(0, 2000);
        var batch = new AckBatch(controller, 20 * Ms);
        batch.AddAcked(1001, 0, snapshot);

        Assert.True(delivery.Take(batch, 0).IsAppLimited);
        Assert.False(delivery.IsAppLimited);
    }

    [Theory]
    [InlineData(5u, 5L, 5L)]
    [InlineData(0xFFFF_FFFFu, 0x1_0000_0003L, 0xFFFF_FFFFL)]
    [InlineData(3u, 0x7_0000_0003L, 0x7_0000_0003L)]
    public void A_count_kept_as_32_bits_is_widened_to_the_one_it_was(uint low, long current, long expected) =>
        Assert.Equal(expected, DeliverySnapshot.Widen(low, current));

    /// <summary>State and window, every millisecond.</summary>
    private static List<(BbrState State, long Window)> Observe(SimulatedLink link, int seconds)
    {
        var simulation = new BottleneckSimulation(link);
        var bbr = (Bbr)simulation.AddFlow(CongestionAlgorithm.Bbr).Controller;
        var steps = new List<(BbrState, long)>();
        for (var ms = 1; ms <= seconds * 1000; ms++)
        {
            simulation.RunUntil(ms / 1000.0);
            steps.Add((bbr.State, bbr.Window));
        }

        return steps;
    }

    private static double MeanQueue(double markAbove)
    {
        var simulation = new BottleneckSimulation(new SimulatedLink(20, 40, 4, markAbove: markAbove));
        var first = simulation.AddFlow(CongestionAlgorithm.Bbr);
        simulation.AddFlow(CongestionAlgorithm.Bbr, startSeconds: 1);
        simulation.RunUntil(30);
        return first.MeanQueueMs;
    }
}
