using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>One key of a user's collections, and who knows it. Under the lock of <see cref="CollectionKeys"/>.</summary>
internal sealed class KeyGeneration(UInt128 id)
{
    public UInt128 Id => id;

    /// <summary>Hybrid time at which it was made; 0 for the one that comes of the user's own key.</summary>
    public ulong Time { get; set; }

    /// <summary>The key; null where it has not come, or is not for this node.</summary>
    public byte[]? Key { get; set; }

    /// <summary>Those to whom it was sealed, who is said to have made it, and whose word that is.</summary>
    public Dictionary<NodeId, (NodeId Author, NodeId Writer)> Holders { get; } = [];

    /// <summary>All who may know it.</summary>
    public IEnumerable<NodeId> Knowers => Holders.SelectMany(static one => (NodeId[])[one.Key, one.Value.Author, one.Value.Writer]).Distinct();
}
