using Coco.Lab;

namespace Coco.Benchmarks.Latency;

/// <summary>Something that carries 64 bytes to another process and back.</summary>
internal interface IEchoPeer
{
    public string Name { get; }

    /// <summary>Why it cannot run here, or null.</summary>
    public string? ReasonMissing => null;

    public EchoTimes Measure(VethPair lab, int count);
}
