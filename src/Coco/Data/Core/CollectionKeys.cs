using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>
/// Keys of one user's collections of one app. The first comes of the user's own key, which each device of the user's has; when one of those is removed from the
/// network, who writes next makes another and seals it to those that are left. They are entries of a collection of their own, so that devices that were away
/// find them, also with keepers, who cannot open them. A key is never forgotten, as older entries are sealed under it. Thread-safe.
/// <code>
/// name  = key id, 32 hexadecimal digits ‖ "/" ‖ NodeId that has it
/// value = hybrid time u64 ‖ author (32) ‖ sealed box of the key (80), or nothing where the id is 0: the first key
/// id    = the first 16 bytes of SHA-256("coco store key v1" ‖ key)
/// </code>
/// </summary>
/// <param name="identity">This node's, which opens what is sealed to it.</param>
internal sealed class CollectionKeys(IdentityKey identity)
{
    /// <summary>The collection that they are entries of, which no app can open.</summary>
    public const string Collection = "coco.keys";

    private const int KeyLength = 32;
    private const int BoxLength = KeyLength + SealedBox.Overhead;
    private const int HeadLength = sizeof(ulong) + NodeId.Size;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, KeyGeneration> _generations = new() { [0] = new(0) };
    private Func<NodeId, bool> _isRevoked = static _ => false;
    private bool _hasChanged;

    /// <summary>The time of the newest key.</summary>
    public ulong LastTime
    {
        get
        {
            lock (_lock) { return _generations.Values.Max(static one => one.Time); }
        }
    }

    /// <summary>Members have changed.</summary>
    public void HandleMembers(Func<NodeId, bool> isRevoked)
    {
        lock (_lock) { _isRevoked = isRevoked; }
    }

    /// <summary>Takes an entry of the keys' collection, as it was opened.</summary>
    public void Handle(string name, ReadOnlySpan<byte> value, NodeId writer)
    {
        if (name.Length < 33 || name[32] != '/' || !UInt128.TryParse(name.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) { return; }
        if (!NodeId.TryParse(name.AsSpan(33), out var holder) || value.Length != HeadLength + (id == 0 ? 0 : BoxLength)) { return; }
        lock (_lock)
        {
            if (!_generations.TryGetValue(id, out var generation)) { _generations.Add(id, generation = new(id)); }
            if (id != 0) { generation.Time = Math.Max(generation.Time, BinaryPrimitives.ReadUInt64BigEndian(value)); }
            generation.Holders[holder] = (NodeId.Read(value.Slice(sizeof(ulong), NodeId.Size)), writer);
            if (id == 0 || holder != identity.Id || generation.Key is not null) { return; }
            var key = new byte[KeyLength];
            if (!SealedBox.TryOpen(identity, value[HeadLength..], key) || IdOf(key) != id) { return; }
            (generation.Key, _hasChanged) = (key, true);
        }
    }

    /// <summary>Whether keys have come since the last call.</summary>
    public bool TakeChanged()
    {
        lock (_lock)
        {
            var hasChanged = _hasChanged;
            _hasChanged = false;
            return hasChanged;
        }
    }

    /// <summary>A key, or null where this node has it not. The one with id 0 is none of these.</summary>
    public byte[]? Find(UInt128 id)
    {
        lock (_lock) { return _generations.GetValueOrDefault(id)?.Key; }
    }

    /// <summary>The key under which to write: the newest that this node has and nobody knows who was removed. Null where there is none.</summary>
    public UInt128? Current()
    {
        lock (_lock)
        {
            return _generations.Values.Where(one => (one.Id == 0 || one.Key is not null) && !IsBurnt(one))
                .OrderByDescending(static one => one.Time).ThenByDescending(static one => one.Id).FirstOrDefault()?.Id;
        }
    }

    /// <summary>Whether what is sealed under a key shows that one of the user's nodes made it. One that was removed knows those keys for good: what is dated
    /// after there was a key that it does not know needs another's word.</summary>
    public bool Proves(UInt128 id, ulong time)
    {
        lock (_lock)
        {
            if (!_generations.TryGetValue(id, out var generation)) { return false; }
            var removed = generation.Knowers.Where(_isRevoked).ToArray();
            return removed.Length == 0 || !_generations.Values.Any(later => later.Time > generation.Time && later.Time < time && removed.Except(later.Knowers).Any());
        }
    }

    /// <summary>A new key for some nodes, as entries; this node has it at once.</summary>
    /// <param name="holders">Who is to have it besides those who have others.</param>
    /// <param name="time">When.</param>
    /// <param name="id">Names it.</param>
    public List<(string Name, byte[] Value)> Make(IEnumerable<NodeId> holders, ulong time, out UInt128 id)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        id = IdOf(key);
        lock (_lock)
        {
            var generation = new KeyGeneration(id) { Time = time, Key = key };
            var all = holders.Concat(_generations.Values.Where(static one => one.Id != 0).SelectMany(static one => one.Holders.Keys)).Append(identity.Id).Where(node => !_isRevoked(node)).Distinct();
            foreach (var holder in all) { generation.Holders[holder] = (identity.Id, identity.Id); }
            _generations.Add(id, generation);
            return [.. generation.Holders.Keys.Select(holder => Entry(generation, holder, identity.Id)).OfType<(string, byte[])>()];
        }
    }

    /// <summary>What this node is to write, that all who are to have keys find them: for those who came later, and in the place of what was written by who was removed.</summary>
    /// <param name="holders">The user's nodes of this app.</param>
    /// <param name="knowers">All of the user's nodes, whose first key is the same.</param>
    /// <param name="isReachable">Whether a node is within reach: of those who have a key, the one of the smallest identity writes.</param>
    public List<(string Name, byte[] Value)> Missing(IReadOnlyCollection<NodeId> holders, IReadOnlyCollection<NodeId> knowers, Func<NodeId, bool> isReachable)
    {
        var entries = new List<(string, byte[])>();
        lock (_lock)
        {
            foreach (var generation in _generations.Values)
            {
                if (generation.Id != 0 && generation.Key is null) { continue; }
                var isFirst = !generation.Holders.Keys.Any(node => node < identity.Id && isReachable(node) && !_isRevoked(node));
                foreach (var node in generation.Id == 0 ? knowers : holders)
                {
                    if (_isRevoked(node) || (!isFirst && node != identity.Id)) { continue; }
                    var isThere = generation.Holders.TryGetValue(node, out var known);
                    if (isThere && !_isRevoked(known.Writer)) { continue; }
                    // Who has made it knows it, whatever is said of the author.
                    if (Entry(generation, node, isThere ? _isRevoked(known.Author) ? known.Author : known.Writer : identity.Id) is { } entry) { entries.Add(entry); }
                }
            }
        }
        return entries;
    }

    private bool IsBurnt(KeyGeneration generation) => generation.Knowers.Any(_isRevoked);

    // Null for an identity that nothing can be sealed to.
    private static (string Name, byte[] Value)? Entry(KeyGeneration generation, NodeId holder, NodeId author)
    {
        var value = new byte[HeadLength + (generation.Id == 0 ? 0 : BoxLength)];
        BinaryPrimitives.WriteUInt64BigEndian(value, generation.Time);
        author.CopyTo(value.AsSpan(sizeof(ulong)));
        if (generation.Id != 0 && !SealedBox.TrySeal(holder, generation.Key, value.AsSpan(HeadLength))) { return null; }
        return ($"{generation.Id:x32}/{holder}", value);
    }

    private static UInt128 IdOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData([.. "coco store key v1"u8, .. key]));
}
