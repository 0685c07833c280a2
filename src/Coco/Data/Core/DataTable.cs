using System.Security.Cryptography;

namespace Coco.Data.Core;

/// <summary>
/// The entries of one collection, and a tree of digests over them: 16 branches of 16 of 16 leaves, by the first bits of the hashes of the keys. Nodes
/// that hold the same have the same digests, so what differs is found by asking down the tree. A branch or leaf without entries has digest 0.
/// </summary>
internal sealed class DataTable(CollectionName name, int channel)
{
    public const int FanOut = 16;

    /// <summary>The root is level 0.</summary>
    public const int LeafLevel = 3;

    private readonly Dictionary<Digest, EntryRecord> _entries = [];
    private readonly Dictionary<int, SortedList<Digest, EntryRecord>> _leaves = [];
    private readonly Dictionary<(int Level, int Index), UInt128> _digests = [];

    public CollectionName Name { get; } = name;

    /// <summary>Its number in the log.</summary>
    public int Channel { get; } = channel;

    /// <summary>Whether this node's app has opened it; else it is kept for others.</summary>
    public bool IsOpened { get; set; }

    /// <summary>The hybrid time up to which tombstones were dropped: what is as old and not here was deleted.</summary>
    public ulong Floor { get; set; }

    /// <summary>Whether something was refused here, so that what is missing was not necessarily deleted.</summary>
    public bool HasRefused { get; set; }

    /// <summary>What is to be seen of an entry; for collections that this node can read.</summary>
    public Func<SignedEntry, SeenEntry>? Open { get; set; }

    /// <summary>Told of each entry that is taken, before it is on the disk.</summary>
    public Action<SignedEntry>? Taken { get; set; }

    /// <summary>Told the names of entries that have changed, once that is on the disk.</summary>
    public List<Action<string>> Watchers { get; } = [];

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    public IEnumerable<EntryRecord> Entries => _entries.Values;

    public UInt128 Root => DigestOf(0, 0);

    public EntryRecord? Find(Digest key) => _entries.GetValueOrDefault(key);

    public void Set(EntryRecord record)
    {
        if (_entries.TryGetValue(record.KeyHash, out var old)) { Bytes -= old.Size; }
        _entries[record.KeyHash] = record;
        Bytes += record.Size;
        var leaf = LeafOf(record.KeyHash);
        if (!_leaves.TryGetValue(leaf, out var entries)) { _leaves.Add(leaf, entries = []); }
        entries[record.KeyHash] = record;
        Forget(leaf);
    }

    public void Remove(Digest key)
    {
        if (!_entries.Remove(key, out var old)) { return; }
        Bytes -= old.Size;
        var leaf = LeafOf(key);
        var entries = _leaves[leaf];
        entries.Remove(key);
        if (entries.Count == 0) { _leaves.Remove(leaf); }
        Forget(leaf);
    }

    public IList<EntryRecord> Leaf(int index) => _leaves.TryGetValue(index, out var entries) ? entries.Values : [];

    public UInt128 DigestOf(int level, int index)
    {
        if (_digests.TryGetValue((level, index), out var known)) { return known; }
        var digest = level == LeafLevel ? OfLeaf(index) : OfBranch(level, index);
        _digests[(level, index)] = digest;
        return digest;
    }

    public static int LeafOf(Digest key) => (int)(key.A >> 52);

    private UInt128 OfBranch(int level, int index)
    {
        Span<byte> bytes = stackalloc byte[FanOut * 16];
        var isEmpty = true;
        for (var i = 0; i < FanOut; i++)
        {
            var child = DigestOf(level + 1, (index * FanOut) + i);
            isEmpty &= child == 0;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes[(16 * i)..], child);
        }
        return isEmpty ? 0 : Cut(Digest.Of(bytes));
    }

    private UInt128 OfLeaf(int index)
    {
        if (!_leaves.TryGetValue(index, out var entries)) { return 0; }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[2 * Digest.Size];
        foreach (var entry in entries.Values)
        {
            entry.KeyHash.CopyTo(bytes);
            entry.ContentHash.CopyTo(bytes[Digest.Size..]);
            hash.AppendData(bytes);
        }
        hash.GetHashAndReset(bytes);
        return Cut(Digest.Read(bytes));
    }

    private static UInt128 Cut(Digest digest) => new(digest.A, digest.B);

    private void Forget(int leaf)
    {
        for (var level = LeafLevel; level >= 0; level--)
        {
            _digests.Remove((level, leaf));
            leaf /= FanOut;
        }
    }
}
