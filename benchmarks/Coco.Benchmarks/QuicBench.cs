using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// How far is our QUIC from what the machine can do, and from other stacks? Payload bits ÷ processor seconds of the busier end,
/// two processes on a core each with a cable between their namespaces; against the bare pipeline and ngtcp2 in alternating rounds.
/// </summary>
internal static class QuicBench
{
    private const long Bytes = 400_000_000; // 1.5 to 4 s a run here: long against start-up, short against the machine's moods

    /// <summary>Options: --json, --rounds N (default 5), --only goodput|socket|costs, --peers (no Coco: what others reach).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset", "openssl", "gtlsserver", "gtlsclient") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }

        var report = new Report("quic", args.Contains("--json"));
        var rounds = Option(args, "--rounds") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : 5;
        var only = Option(args, "--only");
        var folder = Ngtcp2Peer.CreateCertificate();
        try
        {
            if (only is null or "goodput")
            {
                Goodput(report, rounds, folder, VethMode.Offloaded, "veth", peersOnly: args.Contains("--peers"));
                Goodput(report, rounds, folder, VethMode.Segmented, "wire", peersOnly: args.Contains("--peers"));
            }

            if (only is null or "socket") { PlainSocket(report, rounds, peersOnly: args.Contains("--peers")); }
            if (only is null or "costs" && !args.Contains("--peers")) { QuicCosts.Run(report); }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Goodput(Report report, int rounds, string certificates, VethMode mode, string place, bool peersOnly)
    {
        report.Progress.WriteLine($"{place}: {rounds} rounds of {Bytes / 1_000_000} MB");
        using var lab = new VethPair(mode);
        var pipeline = new PipelinePeer("gso", "chacha20");
        IThroughputPeer[] others = [pipeline, new Ngtcp2Peer("chacha20", certificates), new Ngtcp2Peer("aes128gcm", certificates)];
        CocoPeer[] ours = peersOnly ? [] : [new CocoPeer(1), new CocoPeer(100)];
        var runner = new RoundRunner(lab, Bytes, rounds, report.Progress);
        runner.Run([.. others, .. ours]);

        if (peersOnly)
        {
            foreach (var peer in others[1..]) { Compare(report, runner, $"{pipeline.Name}_goodput_per_core_{place}", pipeline.Name, peer.Name); }
            return;
        }

        var (one, hundred) = (ours[0], ours[1]);
        foreach (var peer in others[1..]) { Compare(report, runner, $"goodput_per_core_{place}", one.Name, peer.Name); }
        Compare(report, runner, place is "veth" ? "share_of_pipeline" : $"share_of_pipeline_{place}", one.Name, pipeline.Name);
        Compare(report, runner, $"goodput_per_core_{place}_100_streams", hundred.Name, one.Name);
        report.Add($"goodput_gbps_{place}", runner.Median(one.Name, result => result.Gbps));
        if (place is "veth") { report.Add("bytes_allocated_per_packet", one.AllocatedPerPacket); }
    }

    private static void PlainSocket(Report report, int rounds, bool peersOnly)
    {
        report.Progress.WriteLine($"plain sockets: {rounds} rounds");
        using var lab = new VethPair();
        var pipeline = new PipelinePeer("socket", "chacha20");
        var ours = new CocoPeer(1, plainSocket: true);
        var runner = new RoundRunner(lab, Bytes / 4, rounds, report.Progress);
        runner.Run(peersOnly ? [pipeline] : [pipeline, ours]);
        if (peersOnly) { report.Add($"{pipeline.Name}_goodput_per_core", runner.Median(pipeline.Name, result => result.GoodputPerCore)); }
        else { Compare(report, runner, "share_of_socket_pipeline", ours.Name, pipeline.Name); }
    }

    private static void Compare(Report report, RoundRunner runner, string metric, string peer, string other) =>
        report.Add(metric, runner.Median(peer, PerCore), other, runner.Median(other, PerCore), runner.MedianRatio(peer, other, PerCore));

    private static double PerCore(ThroughputResult result) => result.GoodputPerCore;

    private static string? Option(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
