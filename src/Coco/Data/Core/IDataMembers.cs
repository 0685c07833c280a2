using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>Who may what, as this node decides it at one moment.</summary>
internal interface IDataMembers
{
    /// <summary>Whether a node's writes to a collection are taken here.</summary>
    public bool MayWrite(NodeId node, CollectionName collection);

    /// <summary>Whether a node gets what is in a collection.</summary>
    public bool MayRead(NodeId node, CollectionName collection);

    /// <summary>Whether this node keeps a collection that its app has not opened.</summary>
    public bool Keeps(CollectionName collection);
}
