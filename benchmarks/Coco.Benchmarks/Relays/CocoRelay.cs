using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Relays;

/// <summary>A node of ours that relays between two others: a stream in packets of 1,200 bytes, of which only payload is counted.</summary>
/// <param name="meters">Whether it asks for the terms of its clients and meters what they use, as an instance of the control plane does.</param>
internal sealed class CocoRelay(bool meters = false) : IRelay
{
    private const int OneEnd = Ends.Port + 3;

    public string Name => "coco-relay";

    public RelayResult Run(VethPair lab, long bytes)
    {
        string[] way = [$"relay={lab.RightAddress}:{Ends.Port}"];
        string[] to = [$"{lab.LeftAddress}", $"{OneEnd}"];
        using var relay = Ends.StartSelf(lab.Right, 1, ["endpoint-relay", $"{lab.RightAddress}", $"{Ends.Port}", .. meters ? ["metered"] : Array.Empty<string>()]);
        relay.WaitForLine("listening", Ends.Patience);
        using var receiver = Ends.StartSelf(lab.Left, 0, ["endpoint-rx", .. to, .. way]);
        receiver.WaitForLine("listening", Ends.Patience);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-tx", .. to, bytes.ToString(CultureInfo.InvariantCulture), .. way]);
        sender.WaitForLine("warm", Ends.Patience);
        var before = relay.ProcessorTime;
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        if (!sent.Contains("path=Relay ", StringComparison.Ordinal)) { throw new InvalidOperationException($"not through the relay: {sent}"); }
        return new(ThroughputResult.Figure(sent, "bytes"), ThroughputResult.Figure(sent, "wall"), (relay.ProcessorTime - before).TotalSeconds);
    }
}
