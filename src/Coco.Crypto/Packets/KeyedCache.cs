namespace Coco.Crypto.Packets;

/// <summary>Keeps the platform's cipher object of the last key, since those take their key when constructed.</summary>
internal sealed class KeyedCache<T>(int keySize, Func<byte[], T> create)
    where T : class, IDisposable
{
    private readonly LastKey _lastKey = new(keySize);
    private T? _value;

    public T For(ReadOnlySpan<byte> key)
    {
        if (_value is not null && _lastKey.Is(key)) { return _value; }

        _value?.Dispose();
        _value = create(key.ToArray());
        _lastKey.Remember(key);
        return _value;
    }
}
