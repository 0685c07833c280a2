using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>A TCP stream through an overlay. Counted is the processor time of the overlay's programs alone, not iperf3's or the kernel's for
/// the TCP inside: what it adds to plain TCP. They are bound to no core, since each has threads for both.</summary>
internal sealed class OverlayPeer(Overlay overlay) : IThroughputPeer
{
    public string Name => overlay.Name;

    public string? ReasonMissing => overlay.ReasonMissing ?? PeerPrograms.ReasonWithout(Iperf.Program);

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        using var tunnel = overlay.Open(lab);
        var before = tunnel.CpuSeconds;
        var result = Iperf.Transfer(lab, tunnel.Address);
        var after = tunnel.CpuSeconds;
        return result with { SenderCpuSeconds = after.Left - before.Left, ReceiverCpuSeconds = after.Right - before.Right };
    }
}
