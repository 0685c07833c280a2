using Coco.Lab;

namespace Coco.Benchmarks.Store;

/// <summary>A store on two machines, or a way to bring files from one to another.</summary>
internal interface IStorePeer
{
    public string Name { get; }

    /// <summary>What is missing here, or null.</summary>
    public string? ReasonMissing { get; }

    public StoreFigures Run(VethPair lab, StoreLoad load);
}
