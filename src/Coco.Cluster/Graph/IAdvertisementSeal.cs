using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <summary>How advertisements are signed and verified: with the node's key, or, where only the graph is simulated, with something cheaper.</summary>
internal interface IAdvertisementSeal
{
    public void Sign(ReadOnlySpan<byte> body, Span<byte> signature);

    public bool Verify(NodeId node, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature);
}
