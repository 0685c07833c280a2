namespace Coco.Cli.Api;

/// <summary>How far a blob is that is added or fetched.</summary>
/// <param name="Blob">What it is known by; empty as long as it is being added.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Path">The file.</param>
/// <param name="Through">Bytes that were read, or are at their place.</param>
/// <param name="Done">Whether it was added, or is at its place.</param>
internal sealed record BlobView(string Blob, long Length, string Path, long Through, bool Done);
