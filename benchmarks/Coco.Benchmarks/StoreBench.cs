using System.Globalization;
using Coco.Benchmarks.Store;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// How many entries of 128 bytes can be written in a second so that each is on this machine's disk and on another's; how long does a node that was away take for
/// 10,000 entries that it missed, from the start of its process and from when that is ready; how fast does a blob come? Against Redis with a replica, both syncing for each write, and rsync over
/// ssh, in two namespaces with a cable between. What differs: Coco signs and seals each entry, encrypts its disk and the way, and says that another has it when that is on
/// the other's disk; Redis's replica says so when it has it in memory, encrypts nothing, and comes back with a copy of everything. A blob is encrypted on both disks and on
/// the way, and checked in pieces, over a connection that stands; rsync makes its connection within the time, and stores the file as it is.
/// </summary>
internal static class StoreBench
{
    /// <summary>Options: --json, --rounds N (default 3), --seconds N (default 2), --writers N (default 64), --missed N (default 10000), --megabytes N (default 128),
    /// --peers redis,rsync-ssh (default all).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "nsenter") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("store", BenchArguments.Has(args, "--json"));
        var chosen = BenchArguments.Value(args, "--peers")?.Split(',');
        IStorePeer[] others = [.. ((IStorePeer[])[new RedisStore(), new RsyncStore()]).Where(peer => (chosen is null || chosen.Contains(peer.Name)) && !report.LeaveOut(peer.Name, peer.ReasonMissing))];
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        try
        {
            var file = Path.Combine(folder, "file");
            WriteNoise(file, BenchArguments.Number(args, "--megabytes", 128));
            var load = new StoreLoad(BenchArguments.Number(args, "--writers", 64), 1000 * BenchArguments.Number(args, "--seconds", 2), BenchArguments.Number(args, "--missed", 10_000), file);
            Measure(report, [new CocoStore(), .. others], load, BenchArguments.Number(args, "--rounds", 3));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Measure(Report report, IStorePeer[] peers, StoreLoad load, int rounds)
    {
        var figures = peers.ToDictionary(static peer => peer.Name, static _ => new List<StoreFigures>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var peer in peers)
            {
                using var lab = new VethPair();
                var one = peer.Run(lab, load);
                figures[peer.Name].Add(one);
                report.Progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  round {round}  {peer.Name,-10} {one.EntriesPerSecond,9:F0} entries/s   {one.CatchUpSeconds,6:F2} s to catch up, {one.CatchUpFromReadySeconds,5:F2} s of them ready   {one.MegabytesPerSecond,7:F1} MB/s"));
            }
        }
        Add("entries_per_second", static one => one.EntriesPerSecond);
        Add("catch_up_seconds", static one => one.CatchUpSeconds);
        Add("catch_up_seconds_from_ready", static one => one.CatchUpFromReadySeconds);
        Add("blob_megabytes_per_second", static one => one.MegabytesPerSecond);

        void Add(string metric, Func<StoreFigures, double?> of)
        {
            double[] mine = [.. figures[peers[0].Name].Select(of).OfType<double>()];
            var isAlone = true;
            foreach (var peer in peers[1..])
            {
                double[] its = [.. figures[peer.Name].Select(of).OfType<double>()];
                if (its.Length == 0) { continue; }
                isAlone = false;
                report.Add(metric, RoundRunner.MedianOf(mine), peer.Name, RoundRunner.MedianOf(its), RoundRunner.MedianOf(mine.Zip(its, static (a, b) => a / b)));
            }
            if (isAlone) { report.Add(metric, RoundRunner.MedianOf(mine)); }
        }
    }

    private static void WriteNoise(string path, int megabytes)
    {
        var (random, piece) = (new Random(1), new byte[1_000_000]);
        using var file = File.Create(path);
        for (var i = 0; i < megabytes; i++)
        {
            random.NextBytes(piece);
            file.Write(piece);
        }
    }
}
