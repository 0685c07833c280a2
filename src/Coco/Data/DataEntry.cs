namespace Coco.Data;

/// <summary>An entry of a collection, as it was when it was read.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">When it was written, and by whom.</param>
public sealed record DataEntry(string Key, ReadOnlyMemory<byte> Value, EntryVersion Version);
