using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>Coco's own QUIC: so many streams of one connection, over batches or over .NET's sockets.</summary>
internal sealed class CocoPeer(int streams, bool plainSocket = false) : IThroughputPeer
{
    private readonly List<double> _allocated = [];

    public string Name => $"coco-{streams}-stream{(plainSocket ? "-socket" : "")}";

    /// <summary>Bytes allocated per datagram once 100 MB had passed, by the worse end; the median of the runs, since an end that is held up
    /// once takes blocks for what waits meanwhile.</summary>
    public double AllocatedPerPacket => RoundRunner.MedianOf(_allocated);

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        string[] socket = plainSocket ? ["socket"] : [];
        string[] to = [lab.RightAddress.ToString(), $"{Ends.Port}"];
        using var receiver = Ends.StartSelf(lab.Right, 1, ["quic-rx", .. to, .. socket]);
        receiver.WaitForLine("listening", Ends.Patience);
        using var sender = Ends.StartSelf(lab.Left, 0, ["quic-tx", .. to, $"{bytes}", $"{streams}", .. socket]);

        // The receiver's first figures come after the sender's warm-up, which ends before the measured connection opens.
        var warm = sender.WaitForLine("warm", Ends.Patience);
        var before = Ask(receiver);
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var after = Ask(receiver);

        _allocated.Add(Math.Max(PerPacket(sent), PerPacket(after)));
        _ = warm;
        return new(
            (long)ThroughputResult.Figure(sent, "bytes"),
            ThroughputResult.Figure(sent, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            Difference("cpu"));

        double Difference(string name) => ThroughputResult.Figure(after, name) - ThroughputResult.Figure(before, name);
    }

    private static double PerPacket(string figures) =>
        ThroughputResult.Figure(figures, "settled_allocated") / ThroughputResult.Figure(figures, "settled_datagrams");

    public static string Ask(LabProcess receiver)
    {
        var from = receiver.Output.Length;
        receiver.Input.WriteLine();
        return receiver.WaitForLine("figures ", Ends.Patience, from);
    }
}
