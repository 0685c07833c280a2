using System.Security.Cryptography;

namespace Coco.Crypto;

/// <summary>What two X25519 keys agreed on: input for a key derivation, never a key itself. Wiped when disposed.</summary>
public sealed class SharedSecret : IDisposable
{
    /// <summary>Bytes a shared secret has.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);
    private bool _disposed;

    internal SharedSecret()
    {
    }

    /// <summary>The secret. Do not keep copies longer than the derivation takes.</summary>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    internal Span<byte> Buffer => _bytes;

    /// <summary>Compares in constant time.</summary>
    public bool FixedTimeEquals(SharedSecret other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(Span, other.Span);
    }

    /// <summary>Wipes the secret.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => "[secret]";
}
