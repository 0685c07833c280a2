namespace Coco.Storage;

/// <summary>A key of a table and its value, as a scan gives them.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public readonly record struct StoreRow(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);
