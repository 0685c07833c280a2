using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Lookup;

/// <summary>Under what a node is found in the directory of an open network. Whoever keeps it follows from the key (<see cref="Rendezvous"/>).</summary>
internal static class DirectoryKey
{
    public static NodeTag Of(NodeId node) => new(Rings.Mix(NodeTag.Of(node).Value));

    public static NodeTag Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return new(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }
}
