using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Relays;

/// <summary>Our relay and coturn in turn. A relay is measured by what it costs: how much passes in a second depends on the ends.</summary>
internal static class RelayRounds
{
    public static void Run(Report report, int rounds, long bytes, CocoRelay ours)
    {
        IRelay[] relays = [ours, new Coturn()];
        relays = [.. relays.Where(relay => !report.LeaveOut(relay.Name, relay.ReasonMissing))];
        using var lab = new VethPair();
        var results = relays.ToDictionary(relay => relay.Name, _ => new List<RelayResult>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var relay in relays)
            {
                var result = relay.Run(lab, bytes);
                results[relay.Name].Add(result);
                report.Progress.WriteLine(
                    $"  round {round}  {relay.Name,-24} {result.Gbps,6:F2} Gb/s {result.GbpsPerCore,6:F2} per relay core");
            }
        }

        var mine = results[relays[0].Name];
        report.Add("relay_gbps", RoundRunner.MedianOf(mine.Select(result => result.Gbps)));
        if (relays.Length == 1)
        {
            report.Add("relay_gbps_per_core", PerCore(mine));
            return;
        }
        var its = results[relays[1].Name];
        report.Add("relay_gbps_per_core", PerCore(mine), relays[1].Name, PerCore(its), RoundRunner.MedianOf(mine.Zip(its, (a, b) => a.GbpsPerCore / b.GbpsPerCore)));

        static double PerCore(List<RelayResult> of) => RoundRunner.MedianOf(of.Select(result => result.GbpsPerCore));
    }
}
