namespace Coco.Cli.Api;

/// <summary>A file to add as a blob, or a blob to be fetched into a file.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Shared">Whether it is the network's; else it is the user's.</param>
/// <param name="Path">The file, by its full path.</param>
/// <param name="Blob">The blob to fetch.</param>
internal sealed record BlobWish(string Collection, bool Shared, string Path, string? Blob = null);
