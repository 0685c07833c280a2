namespace Coco.Storage;

/// <summary>
/// Changes that are made together or not at all. The store shows them when the commit has returned, never before. Not thread-safe,
/// and good for one commit.
/// </summary>
public sealed class StoreTransaction
{
    /// <summary>Most bytes a key may have.</summary>
    public const int MaxKeySize = 512;

    /// <summary>As many changes as one transaction holds in memory: chosen so that a program that loops without end fails and not the machine.</summary>
    public const int MaxChanges = 100_000;

    private readonly NodeStore _store;
    private readonly List<Change> _changes = [];
    private bool _committed;

    internal StoreTransaction(NodeStore store) => _store = store;

    internal IReadOnlyList<Change> Changes => _changes;

    /// <summary>Sets the value of a key, new or not. Both are copied.</summary>
    public void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, _store.Options.MaxValueSize, nameof(value));
        Add(table, key, value.ToArray());
    }

    /// <summary>Takes a key out, if it is there.</summary>
    public void Delete(StoreTable table, ReadOnlySpan<byte> key) => Add(table, key, null);

    /// <summary>
    /// Makes the changes. When it returns they are durable: they survive a crash of the process and a power cut. Concurrent commits
    /// share their syncs. Cancelling works as long as the commit waits for others; from then on it is done whatever the token
    /// says. After <see cref="StoreError.Io"/> it is not known whether the changes are there: open the store again and look.
    /// </summary>
    /// <exception cref="StoreException">Nothing was changed, but for <see cref="StoreError.Io"/>.</exception>
    public Task CommitAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCommitted();
        _committed = true;
        return _changes.Count == 0 ? Task.CompletedTask : _store.CommitAsync(_changes, cancellationToken);
    }

    private void Add(StoreTable table, ReadOnlySpan<byte> key, byte[]? value)
    {
        ThrowIfCommitted();
        NodeStore.CheckKey(table, key);
        if (_changes.Count == MaxChanges) { throw new InvalidOperationException($"A transaction has at most {MaxChanges} changes."); }
        _changes.Add(new(table, key.ToArray(), value));
    }

    private void ThrowIfCommitted()
    {
        if (_committed) { throw new InvalidOperationException("The transaction has been committed. Begin another."); }
    }

    /// <summary>A new value for a key, or none.</summary>
    internal readonly record struct Change(StoreTable Table, byte[] Key, byte[]? Value);
}
