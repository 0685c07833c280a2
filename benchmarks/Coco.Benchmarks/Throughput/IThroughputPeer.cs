using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>Something that carries bytes between two processes: ours, a foreign stack, or the bare pipeline.</summary>
internal interface IThroughputPeer
{
    public string Name { get; }

    /// <summary>Why it cannot run here, or null.</summary>
    public string? ReasonMissing => null;

    /// <summary>Carries so many bytes from one end of the cable to the other, about so many where the peer is bounded by time.</summary>
    public ThroughputResult Run(VethPair lab, long bytes);
}
