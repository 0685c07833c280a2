using Coco.Cluster.Certificates;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>The certificates this node holds. They are not flooded: who meets a node it has no certificate of asks whoever told it.</summary>
internal interface ICertificateExchange
{
    public bool TryFind(NodeId node, out ReadOnlyMemory<byte> certificate);

    /// <summary>Takes a certificate from a peer if it is valid, and of a node that this one may see; otherwise nothing is kept.</summary>
    public CertificateVerdict Add(ReadOnlySpan<byte> certificate, out NodeId node);
}
