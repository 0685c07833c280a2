using System.Collections.Concurrent;
using System.Globalization;

namespace Coco.Quic.Tests.Simulation;

/// <summary>Seeded random use of two connected endpoints over links that lose, reorder, double, spoil, shrink and move.
/// <c>COCO_ALL=1</c> runs 100,000 seeds, <c>COCO_SEED=n</c> only one.</summary>
public sealed class RandomUseTests
{
    [Fact]
    public void Random_use_loses_doubles_and_reorders_no_byte_and_ends_on_one_path()
    {
        if (Environment.GetEnvironmentVariable("COCO_SEED") is { Length: > 0 } only)
        {
            Run(int.Parse(only, CultureInfo.InvariantCulture));
            return;
        }
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 100_000 : 5_000;
        var failures = new ConcurrentQueue<string>();
        Parallel.For(
            1,
            count + 1,
            (seed, loop) =>
            {
                try { Run(seed); }
                catch (Exception failure)
                {
                    failures.Enqueue($"COCO_SEED={seed}: {failure.Message}");
                    if (failures.Count >= 10) { loop.Stop(); }
                }
            });
        Figures.Add("random operation sequences over bad links", $"{count:N0}, {failures.Count} failed");
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    [Theory]
    [InlineData(55112)] // the peer is back on a path that it had left and that had failed since
    [InlineData(86858)]
    public void What_once_failed_does_so_no_more(int seed) => Run(seed);

    private static void Run(int seed)
    {
        using var use = new RandomUse(seed);
        use.Run();
    }
}
