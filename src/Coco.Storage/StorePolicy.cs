namespace Coco.Storage;

/// <summary>How much of what a node knows is kept on disk.</summary>
public enum StorePolicy
{
    /// <summary>Everything.</summary>
    Full,

    /// <summary>Tables that hold keys; the rest is in memory. What an earlier opening kept beyond that is erased.</summary>
    KeysOnly,

    /// <summary>Nothing: an ephemeral node. The path is neither read nor written.</summary>
    None,
}
