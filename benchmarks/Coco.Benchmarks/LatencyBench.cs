using Coco.Benchmarks.Latency;
using Coco.Benchmarks.Libp2p;
using Coco.Benchmarks.Overlays;
using Coco.Benchmarks.Throughput;
using Coco.Benchmarks.Transport;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// How long do 64 bytes take there and back through Coco, and how long does a call take? Against UDP itself, plain and sealed, and against
/// plain UDP inside overlays and a stream of js-libp2p's, in alternating rounds.
/// </summary>
internal static class LatencyBench
{
    private const int Count = 10_000; // a second or less for most: p99 then stands on the slowest hundred

    /// <summary>Options: --json, --rounds N (default 5).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("latency", BenchArguments.Has(args, "--json"));
        using var lab = new VethPair();
        var libp2p = new Libp2pPeer();
        IEchoPeer[] ours = [new EndpointEchoPeer(inline: false), new EndpointEchoPeer(inline: true)];
        IEchoPeer[] others =
        [
            new UdpEchoPeer(UdpEchoEnds.Plain), new UdpEchoPeer(UdpEchoEnds.Sealed), new OverlayEchoPeer(new NebulaOverlay()),
            new OverlayEchoPeer(new WireGuardOverlay()), new OverlayEchoPeer(new YggdrasilOverlay()), libp2p,
        ];
        others = [.. others.Where(peer => !report.LeaveOut(peer.Name, peer.ReasonMissing))];

        var results = new Dictionary<string, List<EchoTimes>>();
        var connects = new List<double>();
        for (var round = 1; round <= BenchArguments.Number(args, "--rounds", 5); round++)
        {
            foreach (var peer in ours.Concat(others)) { Measure(peer, round); }
            connects.Add(EndpointPeer.ConnectMs(lab));
            report.Progress.WriteLine($"  round {round}  {ours[0].Name,-16} connect {connects[^1]:F2} ms");
        }

        foreach (var mine in ours)
        {
            foreach (var its in others)
            {
                report.Add($"{mine.Name}_p50_us", Median(mine, times => times.P50), its.Name, Median(its, times => times.P50), Ratio(mine, its, times => times.P50));
                report.Add($"{mine.Name}_p99_us", Median(mine, times => times.P99), its.Name, Median(its, times => times.P99), Ratio(mine, its, times => times.P99));
            }
        }
        var connect = RoundRunner.MedianOf(connects);
        if (!others.Contains(libp2p)) { report.Add("connect_ms", connect); }
        else { report.Add("connect_ms", connect, libp2p.Name, libp2p.ConnectMs, connect / libp2p.ConnectMs); }
        return 0;

        void Measure(IEchoPeer peer, int round)
        {
            var times = peer.Measure(lab, Count);
            if (!results.TryGetValue(peer.Name, out var list)) { results[peer.Name] = list = []; }
            list.Add(times);
            report.Progress.WriteLine($"  round {round}  {peer.Name,-16} p50 {times.P50,8:F1} us   p99 {times.P99,8:F1} us");
        }

        double Median(IEchoPeer peer, Func<EchoTimes, double> of) => RoundRunner.MedianOf(results[peer.Name].Select(of));

        double Ratio(IEchoPeer mine, IEchoPeer its, Func<EchoTimes, double> of) =>
            RoundRunner.MedianOf(results[mine.Name].Zip(results[its.Name], (a, b) => of(a) / of(b)));
    }
}
