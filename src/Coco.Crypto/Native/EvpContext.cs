using System.Runtime.InteropServices;

namespace Coco.Crypto.Native;

/// <summary>An EVP_CIPHER_CTX with its cipher set once: setting the cipher per packet would look it up among providers each time.</summary>
internal sealed unsafe class EvpContext : SafeHandle
{
    private EvpContext(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    public override bool IsInvalid => handle == 0;

    /// <summary>The context. Whoever uses it keeps its owner alive until the last call has returned.</summary>
    public nint Pointer => handle;

    public static EvpContext? TryCreateEncrypting(nint cipher)
    {
        var context = new EvpContext(LibCrypto.EVP_CIPHER_CTX_new());
        return context.Accept(!context.IsInvalid && LibCrypto.EVP_EncryptInit_ex(context.handle, cipher, 0, null, null) == 1);
    }

    public static EvpContext? TryCreateDecrypting(nint cipher)
    {
        var context = new EvpContext(LibCrypto.EVP_CIPHER_CTX_new());
        return context.Accept(!context.IsInvalid && LibCrypto.EVP_DecryptInit_ex(context.handle, cipher, 0, null, null) == 1);
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle); // also wipes the last key
        return true;
    }

    private EvpContext? Accept(bool works)
    {
        if (works) { return this; }

        Dispose(); // a provider policy such as FIPS refuses ChaCha20
        LibCrypto.ERR_clear_error();
        return null;
    }
}
