namespace Coco.Data;

/// <summary>What the log knows of a blob of which something is here.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="File">What its files are called, which tells nothing of it.</param>
/// <param name="Key">Under which it is sealed there.</param>
/// <param name="IsWhole">Whether all of it is here.</param>
/// <param name="IsPinned">Whether it is to be, and to stay.</param>
internal sealed record BlobRecord(BlobId Id, long Length, Guid File, byte[] Key, bool IsWhole, bool IsPinned);
