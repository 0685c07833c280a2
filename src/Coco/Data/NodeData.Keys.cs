using Coco.Cluster;
using Coco.Data.Core;

namespace Coco.Data;

/// <content>Keys of the user's collections, which change when one of the user's nodes is removed.</content>
public sealed partial class NodeData
{
    private readonly CollectionKeys _keys;
    private readonly Dictionary<Digest, CollectionSeal> _seals = []; // under the lock

    /// <summary>The keys this node has; to look at.</summary>
    internal CollectionKeys Keys => _keys;

    /// <summary>Whether this node can read an entry that somebody shows it, for tests.</summary>
    internal static bool CanRead(DataCollection collection, SignedEntry entry) => collection.Seal.TryOpen(entry, out _, out _);

    /// <summary>What is here of a collection, as it is stored, for tests.</summary>
    internal List<SignedEntry> EntriesOf(CollectionName name)
    {
        lock (_lock) { return [.. _exchange.Find(name.Id)?.Entries.Select(_exchange.Load).OfType<SignedEntry>() ?? []]; }
    }

    /// <summary>Takes what somebody shows it of the keys, for tests.</summary>
    internal void TakeKey(SignedEntry entry)
    {
        CollectionSeal seal;
        lock (_lock) { seal = SealOf(KeysOf(AppOfSelf())); }
        if (!entry.IsDeleted && seal.TryOpen(entry, out var name, out var value)) { _keys.Handle(name, value, entry.Version.Writer); }
    }

    // Under the lock.
    private CollectionSeal SealOf(CollectionName name)
    {
        if (_seals.TryGetValue(name.Id, out var seal)) { return seal; }
        // The keys themselves are sealed under what all of the user's nodes have, and to each.
        var hasKeys = name.Scope is CollectionScope.User && name.App == AppOfSelf() && !IsKeys(name);
        _seals.Add(name.Id, seal = new(name, _loop.Network, _user, _options, hasKeys ? _keys : null));
        return seal;
    }

    private CollectionName KeysOf(AppId app) => CollectionName.OfUser(_loop.View.User, app, CollectionKeys.Collection);

    private bool IsKeys(CollectionName name) => name == KeysOf(AppOfSelf());

    // Under the lock. False where the node holds too many collections.
    private bool TryOpenKeys(CollectionName name) => _exchange.Open(KeysOf(name.App), SealOf(KeysOf(name.App)).See) is not null;

    // The key to write under. Whoever writes first after one of the user's nodes was removed makes a new one for those that are left.
    private UInt128 KeyFor(CollectionName name)
    {
        if (name.Scope is not CollectionScope.User) { return 0; }
        lock (_lock)
        {
            if (!_isClosed) { TakeMembers(); } // an app that has just seen that a node was removed writes nothing for it, though nobody has told us yet
            if (_isClosed || _loop.View.IsRemoved || _keys.Current() is { } current) { return _keys.Current() ?? 0; }
            var time = Math.Max((ulong)Math.Max(0, Wall) << 16, _keys.LastTime + 1);
            WriteKeys(_keys.Make(HoldersOfKeys(), time, out var id));
            return id;
        }
    }

    // Under the lock. For those of the user's nodes that came later.
    private void PassOnKeys()
    {
        if (_loop.View.IsRemoved || _exchange.Find(KeysOf(AppOfSelf()).Id) is not { IsOpened: true }) { return; }
        try
        {
            WriteKeys(_keys.Missing(HoldersOfKeys(), [.. _members.NodesOf(_loop.View.User).Select(static member => member.Id)], _members.IsReachable));
        }
        catch (CocoException exception)
        {
            _logger.DataNotStored(_loop.Self, exception); // tried again when something changes among members
        }
    }

    private Crypto.NodeId[] HoldersOfKeys()
    {
        var app = AppOfSelf();
        return [.. _members.NodesOf(_loop.View.User).Where(member => member.App == app).Select(static member => member.Id)];
    }

    // Under the lock.
    private void WriteKeys(List<(string Name, byte[] Value)> entries)
    {
        if (entries.Count == 0 || _exchange.Find(KeysOf(AppOfSelf()).Id) is not { } table) { return; }
        var seal = SealOf(table.Name);
        foreach (var (name, value) in entries)
        {
            var key = seal.KeyOf(name);
            if (Write(table, name, key, seal.Seal(name, key, value), isDeleted: false, expected: null) is { } record) { _exchange.Push(table, record, 0, Now); }
        }
        if (!_journal.IsOnDisk) { _exchange.HandleCommitted(long.MaxValue); }
    }
}
