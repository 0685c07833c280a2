using System.Globalization;
using Coco.Benchmarks.Overlays;
using Coco.Benchmarks.Throughput;
using Coco.Benchmarks.Tunnels;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// What does a web server gain or lose behind a tunnel of Coco's, against the same server behind nebula, wireguard-go and <c>ssh -L</c>? One client
/// and one server, each a process, in two namespaces; one large answer, then small ones on connections that are kept. No program is bound to a core,
/// and TCP's congestion control is Reno for all: nothing is lost on this cable but what an overlay drops itself, and the kernel's BBR, where it is the
/// default, halves what overlays and ssh carry.
/// </summary>
internal static class TunnelBench
{
    private const int ServerPort = 8080;

    /// <summary>Options: --json, --rounds N (default 5), --megabytes N (default 300), --connections N (default 16), --seconds N (default 2) of small
    /// requests, --only bytes|requests, --peers coco,ssh-L,… (default all).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "nsenter") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("tunnel", BenchArguments.Has(args, "--json"));
        var chosen = BenchArguments.Value(args, "--peers")?.Split(',');
        ITunnelPeer[] peers = [new CocoTunnel(), new PlainTunnel(), new OverlayHttpTunnel(new NebulaOverlay()), new OverlayHttpTunnel(new WireGuardOverlay()), new SshTunnel()];
        peers = [.. peers.Where(peer => (chosen is null || chosen.Contains(peer.Name)) && !report.LeaveOut(peer.Name, peer.ReasonMissing))];
        var bytes = BenchArguments.Number(args, "--megabytes", 300) * 1_000_000L;
        string[] body = ["body", bytes.ToString(CultureInfo.InvariantCulture)];
        string[] requests = ["requests", $"{BenchArguments.Number(args, "--connections", 16)}", $"{BenchArguments.Number(args, "--seconds", 2)}"];

        var only = BenchArguments.Value(args, "--only");
        var (fetched, asked) = (new TunnelRounds("Gb/s", 8e-9, "bytes", body), new TunnelRounds("requests/s", 1, "requests", requests));
        TunnelRounds[] kinds = only switch { "bytes" => [fetched], "requests" => [asked], _ => [fetched, asked] };
        for (var round = 1; round <= BenchArguments.Number(args, "--rounds", 5); round++)
        {
            foreach (var peer in peers) { RunOne(peer, round, kinds, report.Progress); }
        }
        if (kinds.Contains(fetched)) { fetched.Report(report, peers, "gbps"); }
        if (kinds.Contains(asked)) { asked.Report(report, peers, "requests_per_second"); }
        return 0;
    }

    private static void RunOne(ITunnelPeer peer, int round, IEnumerable<TunnelRounds> kinds, TextWriter progress)
    {
        using var lab = new VethPair();
        foreach (var space in (NetNamespace[])[lab.Left, lab.Right]) { space.Run("sh", "-c", "echo reno > /proc/sys/net/ipv4/tcp_congestion_control"); }
        using var server = Ends.StartSelf(lab.Right, ["http-rx", $"{ServerPort}"]);
        server.WaitForLine("listening", Ends.Patience);
        using var tunnel = peer.Open(lab, ServerPort);
        foreach (var kind in kinds) { kind.Run(peer, tunnel, lab, server, round, progress); }
    }
}
