using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>Coco's own QUIC: so many streams of one connection, over batches or over .NET's sockets.</summary>
internal sealed class CocoPeer(int streams, bool plainSocket = false) : IThroughputPeer
{
    public string Name => $"coco-{streams}-stream{(plainSocket ? "-socket" : "")}";

    /// <summary>Of the last run, both ends: bytes the garbage collector gave out, by packets that carried data.</summary>
    public double AllocatedPerPacket { get; private set; }

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

        AllocatedPerPacket = (ThroughputResult.Figure(sent, "allocated") + Difference("allocated")) / ThroughputResult.Figure(sent, "datagrams");
        _ = warm;
        return new(
            (long)ThroughputResult.Figure(sent, "bytes"),
            ThroughputResult.Figure(sent, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            Difference("cpu"));

        double Difference(string name) => ThroughputResult.Figure(after, name) - ThroughputResult.Figure(before, name);
    }

    public static string Ask(LabProcess receiver)
    {
        var from = receiver.Output.Length;
        receiver.Input.WriteLine();
        return receiver.WaitForLine("figures ", Ends.Patience, from);
    }
}
