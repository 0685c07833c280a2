namespace Coco.Data.Core;

/// <summary>Which version of an entry somebody has.</summary>
internal readonly record struct EntryItem(Digest Key, ulong Time, Digest Content)
{
    public const int Size = (2 * Digest.Size) + sizeof(ulong);

    public static EntryItem Of(EntryRecord record) => new(record.KeyHash, record.Version.Time, record.ContentHash);
}
