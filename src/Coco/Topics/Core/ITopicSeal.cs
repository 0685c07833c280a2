using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>Signatures of this network's topics.</summary>
internal interface ITopicSeal
{
    /// <summary>Writes this node's signature, 64 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature);

    public bool Verify(NodeId signer, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
