using Coco.Cluster.Certificates;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>Asks for certificates, and never has one.</summary>
internal sealed class NoCertificates : ICertificateExchange
{
    public bool TryFind(NodeId node, out ReadOnlyMemory<byte> certificate)
    {
        certificate = default;
        return false;
    }

    public CertificateVerdict Add(ReadOnlySpan<byte> certificate, out NodeId node)
    {
        node = default;
        return CertificateVerdict.NoOffice;
    }
}
