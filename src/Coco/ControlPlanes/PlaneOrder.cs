using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.ControlPlanes;

/// <summary>
/// In which order a node prefers the control planes that its network lists: each node another, so that they share the load, and the same wherever it is
/// computed, so that callers look for a node where it prefers to be (rendezvous hashing).
/// </summary>
internal static class PlaneOrder
{
    public static IEnumerable<RelayInfo> For(NodeId node, IReadOnlyList<RelayInfo> planes) => planes.Count < 2 ? planes : planes.OrderBy(plane => Weight(node, plane.Id));

    private static UInt128 Weight(NodeId node, NodeId plane)
    {
        Span<byte> both = stackalloc byte[2 * NodeId.Size];
        node.CopyTo(both);
        plane.CopyTo(both[NodeId.Size..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(both, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
