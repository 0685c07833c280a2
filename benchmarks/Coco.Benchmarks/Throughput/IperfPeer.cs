using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>Plain TCP, for reference: nothing is encrypted, and nearly all work is the kernel's.</summary>
internal sealed class IperfPeer : IThroughputPeer
{
    public string Name => "plain-tcp";

    public string? ReasonMissing => PeerPrograms.ReasonWithout(Iperf.Program);

    public ThroughputResult Run(VethPair lab, long bytes) => Iperf.Transfer(lab, $"{lab.RightAddress}");
}
