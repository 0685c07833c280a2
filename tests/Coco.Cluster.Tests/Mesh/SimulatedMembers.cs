using System.Collections;
using Coco.Cluster.Certificates;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>Who one simulated node holds certificates of. A certificate has the size of a real one.</summary>
internal sealed class SimulatedMembers(MeshSimulation simulation) : IMembers, ICertificateExchange
{
    private const int CertificateSize = 360;

    private readonly BitArray _known = new(simulation.Capacity);

    public long CertificatesSent { get; private set; }

    public void Learn(int index) => _known[index] = true;

    public bool IsMember(NodeId node) => simulation.TryFind(node, out var member) && _known[member.Index];

    public SubClusterId SubClusterOf(NodeId node) => simulation.TryFind(node, out var member) ? member.SubCluster : default;

    public bool IsCore(NodeId node) => simulation.TryFind(node, out var member) && member.SubCluster.IsCore;

    public bool TryFind(NodeId node, out ReadOnlyMemory<byte> certificate)
    {
        certificate = default;
        if (!IsMember(node)) { return false; }
        var bytes = new byte[CertificateSize];
        node.CopyTo(bytes);
        certificate = bytes;
        CertificatesSent++;
        return true;
    }

    public CertificateVerdict Add(ReadOnlySpan<byte> certificate, out NodeId node)
    {
        node = default;
        if (certificate.Length != CertificateSize) { return CertificateVerdict.Unreadable; }
        node = NodeId.Read(certificate[..NodeId.Size]);
        if (!simulation.TryFind(node, out var member)) { return CertificateVerdict.NoOffice; }
        _known[member.Index] = true;
        return CertificateVerdict.Valid;
    }
}
