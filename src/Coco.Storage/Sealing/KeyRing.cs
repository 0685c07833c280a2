using Coco.Crypto;

namespace Coco.Storage.Sealing;

/// <summary>
/// The keys of an open store: one data key, or two while a rotation is under way, and what wraps them. Wiped when disposed.
/// </summary>
internal sealed class KeyRing(ReadOnlySpan<byte> storeId, WrapKey wrap) : IDisposable
{
    private readonly byte[] _storeId = storeId.ToArray();
    private readonly List<DataKey> _keys = [];

    public ReadOnlySpan<byte> StoreId => _storeId;

    public WrapKey Wrap { get; set; } = wrap;

    /// <summary>From the oldest to the one new rows are sealed with.</summary>
    public IReadOnlyList<DataKey> Keys => _keys;

    public DataKey Newest => _keys[^1];

    public bool IsRotating => _keys.Count > 1;

    /// <summary>The keys of a new store.</summary>
    public static KeyRing Generate(WrapKey wrap)
    {
        Span<byte> storeId = stackalloc byte[KeyRecord.StoreIdSize];
        RandomSource.System.Fill(storeId);
        var ring = new KeyRing(storeId, wrap);
        ring.Add(DataKey.Generate(1, storeId));
        return ring;
    }

    public void Add(DataKey key) => _keys.Add(key);

    public DataKey? Find(long generation)
    {
        foreach (var key in _keys)
        {
            if (key.Generation == generation) { return key; }
        }
        return null;
    }

    public void Remove(DataKey key)
    {
        _keys.Remove(key);
        key.Dispose();
    }

    public void Dispose()
    {
        Wrap.Dispose();
        foreach (var key in _keys) { key.Dispose(); }
    }

    public override string ToString() => "[secret]";
}
