namespace Coco.Data.Core;

/// <summary>What is in memory of an entry's newest version.</summary>
internal sealed class EntryRecord(SignedEntry entry)
{
    public Digest KeyHash { get; } = entry.KeyHash;

    public Digest ContentHash { get; } = entry.ContentHash;

    public EntryVersion Version { get; } = entry.Version;

    public bool IsDeleted { get; } = entry.IsDeleted;

    /// <summary>Bytes of the whole entry.</summary>
    public int Size { get; } = entry.Bytes.Length;

    /// <summary>The entry; null where it is on the disk only.</summary>
    public byte[]? Bytes { get; set; } = entry.Bytes;

    /// <summary>What the app calls it; null where this node cannot read it.</summary>
    public string? Name { get; set; }

    /// <summary>Its record in the log.</summary>
    public long Number { get; set; }

    /// <summary>How long that is.</summary>
    public int RecordLength { get; set; }

    /// <summary>What there was before, until this one is on the disk.</summary>
    public EntryRecord? Previous { get; set; }

    public bool IsNewerThan(EntryVersion version, Digest content) => SignedEntry.Compare(Version, ContentHash, version, content) > 0;
}
