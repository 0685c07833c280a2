using Coco.Benchmarks.Libp2p;
using Coco.Benchmarks.Overlays;
using Coco.Benchmarks.Relays;
using Coco.Benchmarks.Throughput;
using Coco.Benchmarks.Transport;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// Is moving bytes through Coco faster, and cheaper, than through what people use today? One stream between two namespaces, through our
/// public API, against one TCP stream plain and inside nebula, wireguard-go and yggdrasil, and a stream of js-libp2p's; and against the
/// bare pipeline, our ceiling. Overlays carry any IP packet, which is more than a stream: the ratio is for moving bytes.
/// </summary>
internal static class ThroughputBench
{
    private const long Bytes = 400_000_000; // 1.5 to 4 s a run here: long against start-up, short against the machine's moods

    /// <summary>Options: --json, --rounds N (default 5), --megabytes N (default 400), --only peers|tcp|relay.</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("throughput", BenchArguments.Has(args, "--json"));
        var rounds = BenchArguments.Number(args, "--rounds", 5);
        var bytes = BenchArguments.Value(args, "--megabytes") is null ? Bytes : BenchArguments.Number(args, "--megabytes", 0) * 1_000_000L;
        var only = BenchArguments.Value(args, "--only");
        if (only is null or "peers") { Peers(report, rounds, bytes, EveryPeer()); }
        if (only is "tcp") { Peers(report, rounds, bytes, [new EndpointPeer(inline: false, isUdpBlocked: true), new IperfPeer()]); }
        if (only is null or "relay") { Relays(report, rounds, bytes); }
        return 0;
    }

    private static IThroughputPeer[] EveryPeer() =>
    [
        new EndpointPeer(inline: false), new EndpointPeer(inline: false, isUdpBlocked: true), new PipelinePeer("gso", "chacha20"), new IperfPeer(), new OverlayPeer(new NebulaOverlay()), new OverlayPeer(new WireGuardOverlay()),
        new OverlayPeer(new YggdrasilOverlay()), new Libp2pPeer(),
    ];

    // The first of them is ours.
    private static void Peers(Report report, int rounds, long bytes, IThroughputPeer[] all)
    {
        var ours = (EndpointPeer)all[0];
        IThroughputPeer[] peers = [.. all.Where(peer => !report.LeaveOut(peer.Name, peer.ReasonMissing))];
        using var lab = new VethPair();
        var runner = new RoundRunner(lab, bytes, rounds, report.Progress);
        runner.Run(peers);

        foreach (var peer in peers[1..])
        {
            Compare("gbps", result => result.Gbps);
            Compare("gbps_per_core", result => result.GoodputPerCore);
            Compare("cpu_s_per_gb_sender", result => result.SenderCpuPerGigabit);
            Compare("cpu_s_per_gb_receiver", result => result.ReceiverCpuPerGigabit);

            void Compare(string metric, Func<ThroughputResult, double> of) =>
                report.Add(metric, runner.Median(ours.Name, of), peer.Name, runner.Median(peer.Name, of), runner.MedianRatio(ours.Name, peer.Name, of));
        }
        report.Add("bytes_allocated_per_packet", ours.AllocatedPerPacket);
    }

    // A relay is measured by what it costs: how much passes in a second depends on the ends.
    private static void Relays(Report report, int rounds, long bytes)
    {
        IRelay[] relays = [new CocoRelay(), new Coturn()];
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
