using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A message that this node keeps for another, and cannot read.</summary>
internal sealed record KeptMessage(ulong Number, NodeId From, NodeId To, ulong Lineage, ulong Sequence, long ExpiresMs, int Length)
{
    public long LogNumber { get; set; }

    public int RecordLength { get; set; }

    /// <summary>The bytes, where there is no disk to have them.</summary>
    public byte[]? Sealed { get; init; }
}
