using System.Diagnostics;
using System.Globalization;
using Coco.Benchmarks.Mesh;

namespace Coco.Benchmarks;

/// <summary>How long does a private network take until every node reaches every other, and what does that cost?</summary>
internal static class MeshBench
{
    private static readonly int[] Sizes = [2, 10, 50, 200];

    // The C library whose ideas COCO's cluster protocol shares, measured on this class of machine: seconds until all of so many nodes on one
    // machine reach each other, and kB that each sent until then, in the middle of the ranges measured. It is not run here.
    private static readonly Dictionary<int, (double Seconds, double Kilobytes)> MeshLink = new() { [50] = (2.25, 66), [200] = (51, 1700) };

    /// <summary>Options: --json, --sizes 2,10,50,200, --seconds N (default 180) that idle packets are counted for, which has to span pings every 80 s, --settle N (default 20)
    /// that the network has before it is stopped, so that its nodes have the links they will keep and know each other's addresses; --only reach|hop.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var report = new Report("mesh", BenchArguments.Has(args, "--json"));
        var sizes = BenchArguments.Value(args, "--sizes") is { } given
            ? [.. given.Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture))]
            : Sizes;
        var idle = TimeSpan.FromSeconds(BenchArguments.Number(args, "--seconds", 180));
        var settle = TimeSpan.FromSeconds(BenchArguments.Number(args, "--settle", 20));
        if (BenchArguments.Value(args, "--only") is not "hop")
        {
            foreach (var size in sizes) { await ReachAsync(report, size, idle, settle); }
        }
        if (BenchArguments.Value(args, "--only") is not "reach") { await HopAsync(report); }
        return 0;
    }

    private static async Task ReachAsync(Report report, int size, TimeSpan idle, TimeSpan settle)
    {
        report.Progress.WriteLine($"{size} nodes found a network, stop, and start at once");
        var start = Stopwatch.GetTimestamp();
        await using var town = await MeshTown.FoundAsync(size, settle);
        report.Progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"founded, joined, left for {settle.TotalSeconds:F0} s and stopped in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        var figures = await town.StartAllAsync(idle);
        var known = MeshLink.GetValueOrDefault(size);
        Add($"seconds_until_all_reach_all_{size}", figures.Reached.TotalSeconds, known.Seconds);
        report.Add($"processor_seconds_of_all_until_then_{size}", figures.Processor.TotalSeconds);
        Add($"kilobytes_sent_by_each_{size}", figures.BytesOfEach / 1000, known.Kilobytes);
        report.Add($"idle_packets_per_second_of_each_{size}", figures.IdlePacketsOfEach);
        report.Add($"idle_bytes_per_hour_of_each_{size}", figures.IdleBytesPerHourOfEach);
        report.Add($"managed_kilobytes_of_each_{size}", figures.ManagedOfEach / 1000);
        report.Add($"resident_kilobytes_of_each_{size}", figures.ResidentOfEach / 1000);

        void Add(string metric, double value, double reference)
        {
            if (reference == 0) { report.Add(metric, value); }
            else { report.Add(metric, value, "MeshLink, measured before", reference, reference / value); }
        }
    }

    private static async Task HopAsync(Report report)
    {
        report.Progress.WriteLine("a stream from A to C directly, and through B alone");
        var (direct, hop) = (new List<double>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            direct.Add(await HopTown.GigabitsAsync(throughB: false));
            hop.Add(await HopTown.GigabitsAsync(throughB: true));
        }
        direct.Sort();
        hop.Sort();
        report.Add("gigabits_through_one_hop", hop[1], "directly", direct[1], hop[1] / direct[1]);
    }
}
