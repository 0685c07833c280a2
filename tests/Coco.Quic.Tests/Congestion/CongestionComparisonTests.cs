using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

/// <summary>The controllers over a bottleneck in virtual time. Each test writes its figures; DESIGN.md quotes them.</summary>
public sealed class CongestionComparisonTests(ITestOutputHelper output)
{
    [Theory] // a lone flow fills the path, whatever its rate, round trip and buffer
    [InlineData(0, 100, 20, 1, 0.98)]
    [InlineData(0, 100, 20, 0.25, 0.95)]
    [InlineData(0, 100, 20, 8, 0.98)]
    [InlineData(0, 20, 100, 1, 0.98)]
    [InlineData(0, 1000, 20, 0.2, 0.98)]
    [InlineData(0, 1000, 0.5, 1, 0.98)]
    [InlineData(0, 1, 300, 2, 0.98)]
    [InlineData(1, 100, 20, 1, 0.98)]
    [InlineData(1, 100, 20, 0.25, 0.8)] // Reno's halving needs a buffer of one BDP
    [InlineData(1, 100, 20, 8, 0.98)]
    [InlineData(1, 20, 100, 1, 0.98)]
    [InlineData(1, 1000, 20, 0.2, 0.9)]
    [InlineData(1, 1000, 0.5, 1, 0.98)]
    [InlineData(1, 1, 300, 2, 0.98)]
    [InlineData(2, 100, 20, 1, 0.95)] // BBR gives a hundredth away as margin, and two to looking for the least round trip
    [InlineData(2, 100, 20, 0.25, 0.95)]
    [InlineData(2, 100, 20, 8, 0.95)]
    [InlineData(2, 20, 100, 1, 0.95)]
    [InlineData(2, 1000, 20, 0.2, 0.95)]
    [InlineData(2, 1000, 0.5, 1, 0.95)]
    [InlineData(2, 1, 300, 2, 0.9)]
    public void A_flow_alone_fills_its_path(int algorithm, double mbps, double rttMs, double bufferBdp, double atLeast)
    {
        var simulation = new BottleneckSimulation(new SimulatedLink(mbps, rttMs, bufferBdp));
        var flow = simulation.AddFlow((CongestionAlgorithm)algorithm);
        var first = simulation.Utilisation(flow, 0, 2);
        var rest = simulation.Utilisation(flow, 2, mbps >= 1000 ? 8 : 32);

        output.WriteLine($"| {(CongestionAlgorithm)algorithm} | {mbps} Mb/s, {rttMs} ms, {bufferBdp} BDP | {first:P0} | {rest:P1} | {flow.LostShare:P2} | {flow.MeanQueueMs:F1} ms |");
        Assert.InRange(rest, atLeast, 1.001);
    }

    [Theory] // loss without congestion: Reno and CUBIC follow 1.2 segments / (RTT √p), BBR holds to about its 2 % threshold
    [InlineData(0, 0.001, 0.18, 0.4)]
    [InlineData(0, 0.01, 0.05, 0.15)]
    [InlineData(0, 0.02, 0.03, 0.1)]
    [InlineData(1, 0.001, 0.15, 0.3)]
    [InlineData(1, 0.01, 0.04, 0.1)]
    [InlineData(1, 0.02, 0.03, 0.08)]
    [InlineData(2, 0.001, 0.85, 1)]
    [InlineData(2, 0.01, 0.6, 1)]
    [InlineData(2, 0.02, 0.2, 1)]
    public void Random_loss_costs_what_the_algorithm_promises(int algorithm, double loss, double atLeast, double atMost)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var simulation = new BottleneckSimulation(new SimulatedLink(100, 20, 1, loss, seed: seed));
            var flow = simulation.AddFlow((CongestionAlgorithm)algorithm);
            var share = simulation.Utilisation(flow, 2, 32);

            output.WriteLine($"| {(CongestionAlgorithm)algorithm} | {loss:P1} loss, seed {seed} | {share:P1} |");
            Assert.InRange(share, atLeast, atMost);
        }
    }

    [Theory] // two flows, the second five seconds late
    [InlineData(0, 0, 0.5, 0.3)]
    [InlineData(0, 0, 1, 0.3)]
    [InlineData(0, 0, 4, 0.3)]
    [InlineData(1, 1, 1, 0.3)]
    [InlineData(2, 2, 0.5, 0.3)]
    [InlineData(2, 2, 1, 0.3)]
    [InlineData(2, 2, 4, 0.3)]
    [InlineData(0, 1, 0.5, 0.3)]
    [InlineData(0, 1, 1, 0.3)]
    [InlineData(0, 1, 4, 0.1)] // with a deep buffer CUBIC passes Reno, RFC 9438 §5.1
    [InlineData(0, 2, 0.5, 0.2)]
    [InlineData(0, 2, 1, 0.2)]
    [InlineData(0, 2, 4, 0.2)]
    public void Two_flows_share_the_path(int first, int second, double bufferBdp, double atLeast)
    {
        var simulation = new BottleneckSimulation(new SimulatedLink(50, 40, bufferBdp));
        var early = simulation.AddFlow((CongestionAlgorithm)first);
        var late = simulation.AddFlow((CongestionAlgorithm)second, startSeconds: 5);
        simulation.RunUntil(30);
        var lateBefore = late.Received;
        var earlyShare = simulation.Utilisation(early, 30, 90);
        var lateShare = (late.Received - lateBefore) / (simulation.Link.BytesPerTick * 60 * TimeSpan.TicksPerSecond);

        output.WriteLine($"| {early.Algorithm} {earlyShare:P0} | {late.Algorithm} {lateShare:P0} | {bufferBdp} BDP | {early.MeanQueueMs:F0} ms |");
        Assert.True(earlyShare + lateShare > 0.9);
        Assert.True(Math.Min(earlyShare, lateShare) >= atLeast, $"{earlyShare:P0} and {lateShare:P0}");
    }

    [Theory] // a queue that marks from a third of it on
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void With_marks_a_flow_fills_the_path_and_loses_almost_nothing(int algorithm)
    {
        var simulation = new BottleneckSimulation(new SimulatedLink(50, 40, 2, markAbove: 0.33));
        var flow = simulation.AddFlow((CongestionAlgorithm)algorithm);
        var share = simulation.Utilisation(flow, 2, 32);

        output.WriteLine($"| {flow.Algorithm} | marks | {share:P1} | {flow.LostShare:P2} | {flow.MeanQueueMs:F1} ms |");
        Assert.True(share > 0.9 && flow.LostShare < 0.0005, $"{share:P1}, lost {flow.LostShare:P3}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flow_follows_a_path_that_slows_down_and_recovers(int algorithm)
    {
        var link = new SimulatedLink(100, 20, 1);
        var simulation = new BottleneckSimulation(link);
        var flow = simulation.AddFlow((CongestionAlgorithm)algorithm);
        simulation.RunUntil(10);
        link.ChangeRate(20);
        var slow = simulation.Utilisation(flow, 15, 30);
        link.ChangeRate(100);
        var fast = simulation.Utilisation(flow, 45, 60);

        output.WriteLine($"| {flow.Algorithm} | slow {slow:P1} | fast again {fast:P1} |");
        Assert.True(slow > 0.9 && fast > 0.9, $"{slow:P1}, {fast:P1}");
    }

    [Theory] // RFC 9002 §7.8; a BDP of the application's rate is 25,000 bytes, of the link's 250,000
    [InlineData(0, 100_000)]
    [InlineData(1, 100_000)]
    [InlineData(2, 250_000)] // bursts show BBR more bandwidth than the application uses
    public void A_flow_its_application_limits_loses_nothing_and_keeps_a_small_window(int algorithm, long atMost)
    {
        var link = new SimulatedLink(100, 20, 0.5);
        var simulation = new BottleneckSimulation(link);
        var flow = simulation.AddFlow((CongestionAlgorithm)algorithm);
        flow.ApplicationRate = link.BytesPerTick / 10;
        var share = simulation.Utilisation(flow, 2, 30);

        Assert.InRange(share, 0.099, 0.101);
        Assert.Equal(0, flow.Lost);
        Assert.InRange(flow.Controller.Window, 25_000, atMost);
    }
}
