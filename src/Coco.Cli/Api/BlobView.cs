namespace Coco.Cli.Api;

/// <summary>A blob that was added, or is at its place.</summary>
/// <param name="Blob">What it is known by.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Path">The file.</param>
internal sealed record BlobView(string Blob, long Length, string Path);
