using System.Runtime.CompilerServices;
using System.Text;
using Coco.Data.Core;
using Coco.Messages;

namespace Coco.Data;

/// <summary>
/// Entries and blobs of one name, which the nodes that hold it keep equal: each writes whether or not it reaches others, and of two versions of an entry the
/// later one counts, on all nodes alike. Thread-safe.
/// </summary>
public sealed partial class DataCollection
{
    // No app's key can be that: keys have no control characters.
    private const char Reserved = '\u0001';

    private readonly NodeData _data;
    private readonly Lock _lock = new(); // guards the signals
    private readonly List<AsyncSignal> _signals = [];

    internal DataCollection(NodeData data, DataTable table, CollectionSeal seal) => (_data, Table, Seal) = (data, table, seal);

    /// <summary>What it is called.</summary>
    public string Name => Table.Name.Name;

    /// <summary>Whose it is.</summary>
    public CollectionScope Scope => Table.Name.Scope;

    internal DataTable Table { get; }

    internal CollectionSeal Seal { get; }

    /// <summary>Writes an entry. When this returns it is on this node's disk, and on its way to those who hold the collection.</summary>
    /// <param name="key">The key: up to <see cref="DataOptions.MaxKeyLength"/> bytes of UTF-8, no control characters.</param>
    /// <param name="value">At most <see cref="DataOptions.MaxValueLength"/> bytes; for more there are blobs.</param>
    /// <param name="options">What it replaces, and how many others are to have it.</param>
    /// <param name="cancellationToken">Ends the wait; the entry is written all the same.</param>
    /// <exception cref="CocoException">It was not written: the policy does not allow it (<see cref="CocoError.Denied"/>), another version is there
    /// (<see cref="CocoError.Changed"/>), the disk or the collection is full. Or it is, and not as many others have it (<see cref="CocoError.Unreachable"/>).</exception>
    public async Task<EntryVersion> PutAsync(string key, ReadOnlyMemory<byte> value, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        if (value.Length > _data.Limits.MaxValueLength) { throw new ArgumentException($"A value has at most {_data.Limits.MaxValueLength} bytes, not {value.Length}. Use {nameof(AddBlobAsync)} for more.", nameof(value)); }
        return (await _data.WriteAsync(this, key, value, options, cancellationToken).ConfigureAwait(false))!.Value;
    }

    /// <summary>An entry as this node has it; null where there is none.</summary>
    public Task<DataEntry?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return _data.ReadAsync(this, key, cancellationToken);
    }

    /// <summary>Deletes an entry, everywhere. False where this node has none.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public async Task<bool> DeleteAsync(string key, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        CheckKey(key);
        return await _data.WriteAsync(this, key, null, options, cancellationToken).ConfigureAwait(false) is not null;
    }

    /// <summary>The entries that this node has, in the order of their keys' characters; what changes meanwhile is in or out.</summary>
    /// <param name="prefix">What their keys begin with.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerable<DataEntry> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        foreach (var key in _data.KeysOf(this, prefix))
        {
            if (await _data.ReadAsync(this, key, cancellationToken).ConfigureAwait(false) is { } entry) { yield return entry; }
        }
    }

    /// <summary>What changes from the first call of the enumerator on, here and elsewhere. Who is slow gets the last of several changes of a key.
    /// Ends when the node is disposed.</summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerable<EntryChange> WatchAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var (signal, gate, changed, keys) = (new AsyncSignal(), new Lock(), new Queue<string>(), new HashSet<string>(StringComparer.Ordinal));
        lock (_lock) { _signals.Add(signal); }
        _data.Watch(this, HandleChange);
        try
        {
            while (await signal.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (TryTake(out var key)) { yield return new(key, await _data.ReadAsync(this, key, cancellationToken).ConfigureAwait(false)); }
            }
        }
        finally
        {
            _data.Unwatch(this, HandleChange);
            lock (_lock) { _signals.Remove(signal); }
        }

        void HandleChange(string key)
        {
            if (IsReserved(key) || !key.StartsWith(prefix, StringComparison.Ordinal)) { return; }
            lock (gate)
            {
                if (keys.Add(key)) { changed.Enqueue(key); }
            }
            signal.Set();
        }

        bool TryTake(out string key)
        {
            lock (gate) { return changed.TryDequeue(out key!) && keys.Remove(key); }
        }
    }

    internal static bool IsReserved(string key) => key[0] == Reserved;

    internal void Close()
    {
        lock (_lock)
        {
            foreach (var signal in _signals) { signal.Close(); }
        }
    }

    private void CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Any(char.IsControl)) { throw new ArgumentException("A key has no control characters.", nameof(key)); }
        if (Encoding.UTF8.GetByteCount(key) > _data.Limits.MaxKeyLength) { throw new ArgumentException($"A key has at most {_data.Limits.MaxKeyLength} bytes.", nameof(key)); }
    }
}
