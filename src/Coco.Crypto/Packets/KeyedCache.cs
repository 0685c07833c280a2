using System.Security.Cryptography;

namespace Coco.Crypto.Packets;

/// <summary>Keeps the platform's cipher object of the last key, since those take their key when constructed.</summary>
internal sealed class KeyedCache<T>(int keySize, Func<byte[], T> create)
    where T : class, IDisposable
{
    private readonly byte[] _key = GC.AllocateArray<byte>(keySize, pinned: true);
    private T? _value;

    public T For(ReadOnlySpan<byte> key)
    {
        if (_value is not null && CryptographicOperations.FixedTimeEquals(_key, key)) { return _value; }

        _value?.Dispose();
        _value = null;
        key.CopyTo(_key);
        return _value = create(_key);
    }
}
