namespace Coco.Data.Core;

/// <summary>Where entries are kept. What was appended is there when <see cref="DataExchange.HandleCommitted"/> says so.</summary>
internal interface IEntryLog
{
    /// <summary>The collection, as it is now.</summary>
    public void Append(DataTable table);

    /// <summary>A version of an entry. Its number, and how long its record is.</summary>
    public (long Number, int Length) Append(DataTable table, SignedEntry entry);

    /// <summary>An entry that nothing is to be known of any more.</summary>
    public void AppendDropped(DataTable table, Digest key);

    /// <summary>The bytes of an entry; null where they cannot be read.</summary>
    public byte[]? Read(EntryRecord record);

    /// <summary>A record is not needed any more.</summary>
    public void Release(long number, int length);
}
