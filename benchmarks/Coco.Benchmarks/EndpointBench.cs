using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Benchmarks.Transport;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>
/// What is left of our QUIC's speed when an application uses it through <see cref="Coco.Transport.Endpoint"/>? One stream, payload bits ÷
/// processor seconds of the busier end, against the bare pipeline and the bare QUIC loop in alternating rounds; and the round trip of 64
/// bytes.
/// </summary>
internal static class EndpointBench
{
    private const long Bytes = 400_000_000;

    /// <summary>Options: --json, --rounds N (default 5).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("endpoint", args.Contains("--json"));
        var at = Array.IndexOf(args, "--rounds");
        var rounds = at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 5;
        using var lab = new VethPair();
        var (pipeline, quic, pool, inline) = (new PipelinePeer("gso", "chacha20"), new CocoPeer(1), new EndpointPeer(inline: false), new EndpointPeer(inline: true));
        var runner = new RoundRunner(lab, Bytes, rounds, report.Progress);
        runner.Run([pipeline, quic, pool, inline]);
        foreach (var peer in new[] { pool, inline })
        {
            foreach (var other in new[] { pipeline.Name, quic.Name })
            {
                report.Add($"{peer.Name}_share", runner.Median(peer.Name, PerCore), other, runner.Median(other, PerCore), runner.MedianRatio(peer.Name, other, PerCore));
            }
            report.Add($"{peer.Name}_gbps", runner.Median(peer.Name, result => result.Gbps));
            report.Add($"{peer.Name}_bytes_allocated_per_packet", peer.AllocatedPerPacket);
            var echo = peer.Echo(lab, 20_000);
            report.Add($"{peer.Name}_echo_p50_us", echo.P50);
            report.Add($"{peer.Name}_echo_p99_us", echo.P99);
        }
        return 0;
    }

    private static double PerCore(ThroughputResult result) => result.GoodputPerCore;
}
