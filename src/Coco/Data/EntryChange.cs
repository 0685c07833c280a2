namespace Coco.Data;

/// <summary>An entry was written or deleted, here or elsewhere.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Entry">What it is now; null where it was deleted.</param>
public sealed record EntryChange(string Key, DataEntry? Entry)
{
    /// <summary>Whether it was deleted.</summary>
    public bool IsDeleted => Entry is null;
}
