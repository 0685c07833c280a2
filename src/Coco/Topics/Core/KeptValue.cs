using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>A topic's value, and who was told it to keep it.</summary>
internal sealed class KeptValue(SignedBatch batch)
{
    public SignedBatch Batch { get; } = batch;

    public HashSet<NodeId> Told { get; } = [];
}
