using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Transport;

/// <summary>One stream through the public API, continuations on the pool's threads or on the endpoint's.</summary>
internal sealed class EndpointPeer(bool inline) : IThroughputPeer
{
    private readonly List<double> _allocated = [];

    public string Name => $"endpoint{(inline ? "-inline" : "")}";

    /// <summary>Bytes the sender allocated per packet once 100 MB had passed; the median of the runs.</summary>
    public double AllocatedPerPacket => RoundRunner.MedianOf(_allocated);

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        using var receiver = StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-tx", .. Arguments(lab, bytes)]);
        sender.WaitForLine("warm", Ends.Patience);
        var before = CocoPeer.Ask(receiver);
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var after = CocoPeer.Ask(receiver);

        _allocated.Add(ThroughputResult.Figure(sent, "settled_allocated") / ThroughputResult.Figure(sent, "settled_datagrams"));
        return new(
            (long)ThroughputResult.Figure(sent, "bytes"),
            ThroughputResult.Figure(sent, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            ThroughputResult.Figure(after, "cpu") - ThroughputResult.Figure(before, "cpu"));
    }

    /// <summary>Microseconds that 64 bytes take there and back.</summary>
    public (double P50, double P99) Echo(VethPair lab, int count)
    {
        using var receiver = StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-echo", .. Arguments(lab, count)]);
        var echoed = sender.WaitForLine("echoed ", Ends.Patience);
        return (ThroughputResult.Figure(echoed, "p50"), ThroughputResult.Figure(echoed, "p99"));
    }

    private LabProcess StartReceiver(VethPair lab)
    {
        var receiver = Ends.StartSelf(lab.Right, 1, ["endpoint-rx", lab.RightAddress.ToString(), $"{Ends.Port}", .. Inline()]);
        receiver.WaitForLine("listening", Ends.Patience);
        return receiver;
    }

    private string[] Arguments(VethPair lab, long count) =>
        [lab.RightAddress.ToString(), $"{Ends.Port}", count.ToString(CultureInfo.InvariantCulture), .. Inline()];

    private string[] Inline() => inline ? ["inline"] : [];
}
