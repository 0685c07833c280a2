namespace Coco.Data;

/// <summary>A blob of a collection, and how much of it is on this node.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="AvailableBytes">Those that are here, in whole chunks of 64 KiB.</param>
/// <param name="IsPinned">Whether it is to stay here.</param>
/// <param name="Version">When it was added to the collection, and by whom.</param>
public sealed record BlobInfo(BlobId Id, long Length, long AvailableBytes, bool IsPinned, EntryVersion Version)
{
    /// <summary>Whether all of it is here.</summary>
    public bool IsWhole => AvailableBytes == Length;
}
