using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>What a handshake, a datagram and an idle connection cost each side.</summary>
internal static class QuicCosts
{
    private const int Handshakes = 5000;
    private const int Datagrams = 1_000_000;
    private const int DatagramSize = 128;
    private const int IdleConnections = 10_000;

    public static void Run(Report report)
    {
        using var lab = new VethPair();
        report.Add("handshakes_per_core_second", HandshakesPerCoreSecond(lab, report));
        report.Add("datagrams_per_second", DatagramsPerSecond(lab, report));
        var (client, server) = IdleBytes(lab, report);
        report.Add("idle_connection_bytes", Math.Max(client, server));
    }

    private static double HandshakesPerCoreSecond(VethPair lab, Report report)
    {
        var (line, before, after) = Measure(lab, ["quic-handshakes"], [$"{Handshakes}"], "handshakes ");
        var client = Handshakes / ThroughputResult.Figure(line, "cpu");
        var server = Handshakes / Difference(before, after, "cpu");
        report.Progress.WriteLine($"  handshakes per core-second: client {client:F0}, server {server:F0}");
        return Math.Min(client, server);
    }

    private static double DatagramsPerSecond(VethPair lab, Report report)
    {
        var (line, before, after) = Measure(lab, ["quic-datagrams"], [$"{Datagrams}", $"{DatagramSize}"], "datagrams ");
        var delivered = Difference(before, after, "app_datagrams");
        report.Progress.WriteLine($"  datagrams of {DatagramSize} B: {delivered:F0} of {Datagrams} delivered; {line}");
        return delivered / ThroughputResult.Figure(line, "wall");
    }

    // The difference that 10,000 more connections make to resident memory after a full collection: native memory counts.
    private static (double Client, double Server) IdleBytes(VethPair lab, Report report)
    {
        var (line, before, after) = Measure(lab, ["quic-idle"], [$"{IdleConnections}"], "idle ", out var warm);
        var client = (ThroughputResult.Figure(line, "rss") - ThroughputResult.Figure(warm, "rss")) / IdleConnections;
        var server = Difference(before, after, "rss") / IdleConnections;
        report.Progress.WriteLine($"  idle connection: client {client:F0} B, server {server:F0} B resident");
        report.Progress.WriteLine($"  of it managed: client {(ThroughputResult.Figure(line, "heap") - ThroughputResult.Figure(warm, "heap")) / IdleConnections:F0} B, server {Difference(before, after, "heap") / IdleConnections:F0} B");
        return (client, server);
    }

    private static (string Line, string Before, string After) Measure(VethPair lab, string[] command, string[] arguments, string answer) =>
        Measure(lab, command, arguments, answer, out _);

    private static (string Line, string Before, string After) Measure(VethPair lab, string[] command, string[] arguments, string answer, out string warm)
    {
        string[] to = [lab.RightAddress.ToString(), $"{Ends.Port}"];
        using var receiver = Ends.StartSelf(lab.Right, 1, ["quic-rx", .. to]);
        receiver.WaitForLine("listening", Ends.Patience);
        using var sender = Ends.StartSelf(lab.Left, 0, [.. command, .. to, .. arguments]);
        warm = sender.WaitForLine("warm", Ends.Patience);
        var before = CocoPeer.Ask(receiver);
        sender.Input.WriteLine();
        var line = sender.WaitForLine(answer, Ends.Patience);
        return (line, before, CocoPeer.Ask(receiver));
    }

    private static double Difference(string before, string after, string name) =>
        ThroughputResult.Figure(after, name) - ThroughputResult.Figure(before, name);
}
