using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>
/// Lets peers take turns, round after round, so that a noisy minute is noisy for all of them, and compares within each round:
/// a ratio is the median of the rounds' ratios, never a ratio of medians.
/// </summary>
internal sealed class RoundRunner(VethPair lab, long bytes, int rounds, TextWriter progress)
{
    private readonly Dictionary<string, List<ThroughputResult>> _results = [];

    public void Run(IReadOnlyList<IThroughputPeer> peers)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var peer in peers)
            {
                var load = new ForeignLoad();
                var result = peer.Run(lab, bytes);
                var foreign = load.Since(result.SenderCpuSeconds + result.ReceiverCpuSeconds);
                if (!_results.TryGetValue(peer.Name, out var list)) { _results[peer.Name] = list = []; }
                list.Add(result);
                progress.WriteLine(
                    $"  round {round + 1}  {peer.Name,-24} {result.Gbps,6:F2} Gb/s {result.GoodputPerCore,6:F2} per core   " +
                    $"CPU s/Gb: sender {result.SenderCpuPerGigabit:F3} receiver {result.ReceiverCpuPerGigabit:F3}   foreign {foreign:P0}");
            }
        }
    }

    public double Median(string peer, Func<ThroughputResult, double> of) => MedianOf(_results[peer].Select(of));

    /// <summary>The median over rounds of one peer's figure ÷ the other's of the same round.</summary>
    public double MedianRatio(string peer, string other, Func<ThroughputResult, double> of) =>
        MedianOf(_results[peer].Zip(_results[other], (mine, its) => of(mine) / of(its)));

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
