using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>The bare pipeline, two processes.</summary>
internal sealed class PipelinePeer(string link, string cipher) : IThroughputPeer
{
    // Chosen: about what 400 MB take; the pipeline is bounded by time, since by bytes it would be over before the clock is exact.
    private const string Seconds = "2.5";

    public string Name => $"pipeline-{link}-{cipher}";

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        string[] way = [lab.RightAddress.ToString(), $"{Ends.Port}", link, cipher];
        using var receiver = Ends.StartSelf(lab.Right, 1, ["pipeline-rx", .. way]);
        receiver.WaitForLine("listening", Ends.Patience);
        using var sender = Ends.StartSelf(lab.Left, 0, ["pipeline-tx", .. way, Seconds]);

        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var received = receiver.WaitForLine("received ", Ends.Patience);
        return new(
            (long)ThroughputResult.Figure(received, "bytes"),
            ThroughputResult.Figure(received, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            ThroughputResult.Figure(received, "cpu"));
    }
}
