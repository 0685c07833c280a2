namespace Coco.Data.Core;

/// <summary>What a node sees of an entry in a collection that it can read.</summary>
/// <param name="Sight">Whether it opens.</param>
/// <param name="Name">What the app calls it, where it opens.</param>
/// <param name="IsProven">Whether that it opens shows that one made it who may write.</param>
internal readonly record struct SeenEntry(EntrySight Sight, string? Name = null, bool IsProven = false)
{
    /// <summary>An entry in clear.</summary>
    public static SeenEntry Of(string name) => new(EntrySight.Opened, name);
}
