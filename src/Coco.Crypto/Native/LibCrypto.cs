using System.Runtime.InteropServices;

namespace Coco.Crypto.Native;

/// <summary>The functions used from OpenSSL 3's libcrypto: one reusable context per cipher and direction.</summary>
internal static unsafe partial class LibCrypto
{
    public const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    public const int SetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG
    public const int SameDirection = -1;

    private const string Library = NativeLibraries.Crypto;
    private const ulong NoAtExit = 0x0008_0000; // OPENSSL_INIT_NO_ATEXIT

    /// <summary>Whether the library is there and started.</summary>
    public static bool IsAvailable { get; } =
        // Whoever starts OpenSSL first decides whether it tears itself down at exit. The platform asks it not to, because other
        // threads may still be encrypting then; the same must hold when the first use is ours.
        NativeLibraries.IsPresent(Library) && OPENSSL_init_crypto(NoAtExit, 0) == 1;

    [LibraryImport(Library)]
    private static partial int OPENSSL_init_crypto(ulong options, nint settings);

    [LibraryImport(Library)]
    public static partial nint EVP_chacha20_poly1305();

    [LibraryImport(Library)]
    public static partial nint EVP_chacha20();

    [LibraryImport(Library)]
    public static partial nint EVP_aes_128_gcm();

    [LibraryImport(Library)]
    public static partial nint EVP_aes_128_ecb();

    [LibraryImport(Library)]
    public static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial void ERR_clear_error();

    // Per packet: each call is at most about a microsecond and never blocks, so the transition that would let a collection in is
    // skipped. A 64 KiB buffer would delay a collection by some 30 us.
    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypting);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, byte* pointer);
}
