using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Relays;

/// <summary>coturn, without authentication and by its shortest framing: ChannelData of 1,200 bytes over UDP, neither sealed nor counted.</summary>
internal sealed class Coturn : IRelay
{
    private const string Program = "turnserver";
    private const int Gbps10 = 4; // chosen: tenths of a Gb/s offered; it carries 0.35 to 0.48 on the machine of our measurements
    private const int Seconds = 3;

    public string Name => "coturn";

    public string? ReasonMissing => PeerPrograms.ReasonWithout(Program);

    public RelayResult Run(VethPair lab, long bytes)
    {
        var (relay, sink) = ($"{lab.RightAddress}", $"{lab.LeftAddress}");
        using var server = Ends.Start(lab.Right, 1, PeerPrograms.Get(Program),
            "-n", "--no-auth", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", "/dev/null",
            "-L", relay, "-p", $"{Ends.Port}", "--relay-ip", relay, "--min-port", "50000", "--max-port", "50100");
        server.WaitForLine("Total General servers", Ends.Patience);
        using var receiver = Ends.StartSelf(lab.Left, 0, "turn-rx", sink, $"{Ends.Port}");
        receiver.WaitForLine("listening", Ends.Patience);
        using var sender = Ends.StartSelf(lab.Left, 0, "turn-tx", relay, $"{Ends.Port}", sink, $"{Ends.Port}", $"{Gbps10}", $"{Seconds}");
        sender.WaitForLine("bound", Ends.Patience);
        var before = server.ProcessorTime;
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var arrived = ThroughputResult.Figure(CocoPeer.Ask(receiver), "bytes");
        var result = new RelayResult(arrived, ThroughputResult.Figure(sent, "wall"), (server.ProcessorTime - before).TotalSeconds);
        return arrived > 0 ? result : throw new InvalidOperationException($"coturn relays nothing: {server.Output}");
    }
}
