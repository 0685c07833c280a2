using Coco.Benchmarks.Messaging;
using Coco.Benchmarks.Throughput;

namespace Coco.Benchmarks;

/// <summary>
/// How many messages of 128 bytes pass between programs of one machine in a second, and how long does one take while 1,000 a second do? Topics, which
/// nobody acknowledges, against core NATS and mosquitto at QoS 0; messages that are kept on disk against JetStream with a file and mosquitto at QoS 1
/// in kept sessions. Publishers are one process, subscribers another, and every subscriber gets all. Servers are spoken to by hand, many messages a
/// call, so that they are measured and no client. Coco has no server, encrypts from end to end, and is called once for each message. What is stored differs: Coco
/// syncs its disks before anything counts as sent or delivered; JetStream (every two minutes) and mosquitto (a snapshot) do not.
/// </summary>
internal static class MessagingBench
{
    /// <summary>Options: --json, --rounds N (default 3), --seconds N (default 2) of each load, --rate N (default 1000), --fans 1to1,1to10,10to10,
    /// --only topics|durable|memory, --peers nats,mosquitto (default both).</summary>
    public static int Run(string[] args)
    {
        var report = new Report("messaging", BenchArguments.Has(args, "--json"));
        var only = BenchArguments.Value(args, "--only");
        FanOut[] fans = [.. (BenchArguments.Value(args, "--fans") ?? "1to1,1to10,10to10").Split(',').Select(FanOut.Parse)];
        var chosen = BenchArguments.Value(args, "--peers")?.Split(',') ?? ["nats", "mosquitto"];
        if (only is null or "topics") { Compare(report, args, "topics", fans, [new("coco", "coco", null, null), .. Others(chosen, isDurable: false)]); }
        if (only is null or "durable") { Compare(report, args, "durable", fans, [new("coco", "coco-durable", null, null), .. Others(chosen, isDurable: true)]); }
        if (only is null or "memory") { MessagingMemory.ReportAsync(report).GetAwaiter().GetResult(); }
        return 0;
    }

    private static IEnumerable<MessagingPeer> Others(string[] chosen, bool isDurable)
    {
        var suffix = isDurable ? "-durable" : "";
        MessagingPeer[] all =
        [
            new(isDurable ? "nats-jetstream" : "nats", $"nats{suffix}", () => MessagingServer.Nats(isDurable), PeerPrograms.ReasonWithout("nats-server")),
            new(isDurable ? "mosquitto-qos1" : "mosquitto-qos0", $"mosquitto{suffix}", () => MessagingServer.Mosquitto(isDurable), PeerPrograms.ReasonWithout("mosquitto")),
        ];
        return all.Where(peer => chosen.Any(name => peer.System.StartsWith(name, StringComparison.Ordinal)));
    }

    // The first is ours.
    private static void Compare(Report report, string[] args, string part, FanOut[] fans, MessagingPeer[] all)
    {
        MessagingPeer[] peers = [.. all.Where(peer => !report.LeaveOut(peer.Name, peer.ReasonMissing))];
        foreach (var fan in fans)
        {
            var figures = peers.ToDictionary(static peer => peer.Name, static _ => new List<MessagingFigures>());
            for (var round = 1; round <= BenchArguments.Number(args, "--rounds", 3); round++)
            {
                foreach (var peer in peers)
                {
                    using var run = new MessagingRun(peer, fan);
                    figures[peer.Name].Add(run.Measure(BenchArguments.Value(args, "--seconds") ?? "2", BenchArguments.Number(args, "--rate", 1000), report.Progress, $"{part} {fan.Name,-6} round {round}  {peer.Name,-14}"));
                }
            }
            Add("messages_per_second", static one => one.PerSecond);
            Add("cpu_us_per_message", static one => one.CpuMicroseconds);
            Add("p50_us", static one => one.P50);
            Add("p99_us", static one => one.P99);
            Add("lost", static one => one.Lost);

            void Add(string metric, Func<MessagingFigures, double> of)
            {
                var (name, mine) = ($"{part}_{fan.Name}_{metric}", figures[peers[0].Name]);
                if (peers.Length == 1) { report.Add(name, RoundRunner.MedianOf(mine.Select(of))); }
                foreach (var peer in peers[1..])
                {
                    var its = figures[peer.Name];
                    var ratio = RoundRunner.MedianOf(mine.Zip(its, (a, b) => of(a) == of(b) ? 1 : of(a) / of(b)));
                    report.Add(name, RoundRunner.MedianOf(mine.Select(of)), peer.Name, RoundRunner.MedianOf(its.Select(of)), double.IsFinite(ratio) ? ratio : 0);
                }
            }
        }
    }
}
