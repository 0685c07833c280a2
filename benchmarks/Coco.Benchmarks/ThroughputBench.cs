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
        if (only is null or "relay") { RelayRounds.Run(report, rounds, bytes, new CocoRelay()); }
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
}
