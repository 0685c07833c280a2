using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <summary>
/// The first eight bytes of a node's key: how advertisements and digests name a node whose whole key is in its own advertisement. Making a
/// key with the tag of another takes 2^64 attempts; of two nodes with one tag, the later is refused.
/// </summary>
internal readonly record struct NodeTag(ulong Value) : IComparable<NodeTag>
{
    public const int Size = sizeof(ulong);

    public static NodeTag Of(NodeId node)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        node.CopyTo(bytes);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    public int CompareTo(NodeTag other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
