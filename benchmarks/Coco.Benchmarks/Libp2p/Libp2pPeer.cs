using Coco.Benchmarks.Latency;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Libp2p;

/// <summary>One stream of js-libp2p's, warmed up as ours is. Its processes are bound to no core.</summary>
internal sealed class Libp2pPeer : IThroughputPeer, IEchoPeer
{
    private readonly List<double> _connectMs = [];

    public string Name => "js-libp2p-tcp";

    public string? ReasonMissing => Libp2pProgram.ReasonMissing;

    /// <summary>Milliseconds of the one call of each process: nothing was warm then.</summary>
    public double ConnectMs => RoundRunner.MedianOf(_connectMs);

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        var (server, id) = Libp2pProgram.StartServer(lab);
        using var receiver = server;
        using var sender = Libp2pProgram.StartClient(lab, "send", id, bytes);
        sender.WaitForLine("warm", Ends.Patience);
        var before = CocoPeer.Ask(receiver);
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var after = CocoPeer.Ask(receiver);
        return new(
            bytes,
            ThroughputResult.Figure(sent, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            ThroughputResult.Figure(after, "cpu") - ThroughputResult.Figure(before, "cpu"));
    }

    public EchoTimes Measure(VethPair lab, int count)
    {
        var (server, id) = Libp2pProgram.StartServer(lab);
        using var receiver = server;
        using var client = Libp2pProgram.StartClient(lab, "echo", id, count);
        var echoed = client.WaitForLine("echoed ", Ends.Patience);
        _connectMs.Add(ThroughputResult.Figure(echoed, "connect"));
        return EchoTimes.Parse(echoed);
    }
}
