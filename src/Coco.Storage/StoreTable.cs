namespace Coco.Storage;

/// <summary>A part of a store with keys of its own. Costs nothing until something is in it.</summary>
public sealed record StoreTable
{
    /// <summary>Most characters a name may have.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Names a table.</summary>
    /// <param name="name">From 1 to 64 characters of ASCII. The file does not show it.</param>
    /// <param name="holdsKeys">Whether <see cref="StorePolicy.KeysOnly"/> keeps the table on disk.</param>
    public StoreTable(string name, bool holdsKeys = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxNameLength || !System.Text.Ascii.IsValid(name))
        {
            throw new ArgumentException($"A table's name has at most {MaxNameLength} characters of ASCII.", nameof(name));
        }
        (Name, HoldsKeys) = (name, holdsKeys);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether the table is on disk even where only keys are.</summary>
    public bool HoldsKeys { get; }
}
