using Coco.Lab;

namespace Coco.Benchmarks.Relays;

/// <summary>A relay on right, which carries payload between two processes on left.</summary>
internal interface IRelay
{
    public string Name { get; }

    /// <summary>Why it cannot run here, or null.</summary>
    public string? ReasonMissing => null;

    public RelayResult Run(VethPair lab, long bytes);
}
