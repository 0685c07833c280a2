namespace Coco.Data.Core;

/// <summary>Whether an entry opens.</summary>
internal enum EntrySight
{
    /// <summary>It is none of its collection.</summary>
    Wrong,

    /// <summary>It is sealed under a key that has not come yet, or is not for this node.</summary>
    Closed,

    Opened,
}
