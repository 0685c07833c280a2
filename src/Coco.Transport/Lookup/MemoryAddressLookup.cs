using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Transport.Lookup;

/// <summary>Records in this process's memory: for endpoints that share a process, and for tests. Thread-safe.</summary>
/// <param name="maxRecords">Records kept; the least recently used make room. From 1 to 10 million, default 10,000.</param>
public sealed class MemoryAddressLookup(int maxRecords = 10_000) : IAddressLookup
{
    private readonly Lock _lock = new(); // guards _records
    private readonly AddressRecordStore _records = new(CheckRange(maxRecords), long.MaxValue);

    /// <inheritdoc/>
    public ValueTask<AddressRecord?> FindAsync(NodeId id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) { return new(_records.Find(id)); }
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(AddressRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) { _records.TryAdd(record); }
        return ValueTask.CompletedTask;
    }

    private static int CheckRange(int maxRecords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxRecords, 10_000_000);
        return maxRecords;
    }
}
