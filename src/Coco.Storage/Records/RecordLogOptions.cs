namespace Coco.Storage.Records;

/// <summary>Limits of a <see cref="RecordLog"/>.</summary>
internal sealed record RecordLogOptions
{
    /// <summary>Bytes of a segment, after which the next begins; what nobody needs any more is deleted in pieces of this size. Chosen: a fraction of a second
    /// of writing.</summary>
    public int SegmentSize { get; init; } = 16 << 20;

    /// <summary>Longest record. A block has one such, or many short ones.</summary>
    public int MaxRecordSize { get; init; } = 17 << 20;

    /// <summary>How long a record that nobody waits for may wait for company.</summary>
    public TimeSpan LazyTime { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Called before a write of so many bytes, for tests: throws what the system would.</summary>
    public Action<int>? BeforeWrite { get; init; }
}
