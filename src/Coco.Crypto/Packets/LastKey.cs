using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Coco.Crypto.Packets;

/// <summary>The key a cipher object holds, so that setting the same one again can be skipped.</summary>
internal sealed class LastKey(int size)
{
    private readonly byte[] _key = GC.AllocateArray<byte>(size, pinned: true);
    private bool _isSet;

    /// <summary>
    /// Whether <paramref name="key"/>, of the size given at construction, is the one remembered. Takes constant time.
    /// </summary>
    public bool Is(ReadOnlySpan<byte> key)
    {
        // CryptographicOperations.FixedTimeEquals goes byte by byte, 25 ns a packet; keys are 16 or 32 bytes, so words will do.
        ReadOnlySpan<ulong> left = MemoryMarshal.Cast<byte, ulong>(_key);
        var right = MemoryMarshal.Cast<byte, ulong>(key);
        var difference = 0UL;
        for (var i = 0; i < left.Length; i++) { difference |= left[i] ^ right[i]; }
        return difference == 0 && _isSet;
    }

    public void Remember(ReadOnlySpan<byte> key)
    {
        key.CopyTo(_key);
        _isSet = true;
    }

    public void Forget()
    {
        _isSet = false;
        CryptographicOperations.ZeroMemory(_key);
    }
}
