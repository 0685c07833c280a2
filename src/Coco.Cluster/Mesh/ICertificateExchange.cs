using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>The certificates this node holds. They are not flooded: who meets a node it has no certificate of asks whoever told it.</summary>
internal interface ICertificateExchange
{
    public bool TryFind(NodeId node, out ReadOnlyMemory<byte> certificate);

    /// <summary>Takes a certificate of a peer if it is valid; false, and nothing kept, otherwise.</summary>
    public bool TryAdd(ReadOnlySpan<byte> certificate, out NodeId node);
}
