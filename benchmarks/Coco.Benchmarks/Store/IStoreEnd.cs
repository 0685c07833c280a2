namespace Coco.Benchmarks.Store;

/// <summary>One end of a store, as its writers and readers use it; commands come as lines (<see cref="StoreEnds"/>).</summary>
internal interface IStoreEnd
{
    /// <summary>Writes an entry, and returns when it is on the disk here and, where wanted, the other end has it.</summary>
    public Task PutAsync(string key, ReadOnlyMemory<byte> value, bool isReplicated);

    /// <summary>Entries that are here.</summary>
    public Task<int> CountAsync();
}
