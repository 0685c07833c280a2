using System.Runtime.InteropServices;

namespace Coco.Crypto.Native;

/// <summary>The functions used from libsodium. Call <see cref="Require"/> before the first of them.</summary>
internal static unsafe partial class Sodium
{
    public const int Argon2id13 = 2; // crypto_pwhash_ALG_ARGON2ID13

    private const string Library = NativeLibraries.Sodium;

    private static readonly string? Failure = Start();

    public static bool IsAvailable => Failure is null;

    /// <summary>Throws, naming the cure, when the library is missing or did not start.</summary>
    public static void Require()
    {
        if (Failure is not null) { throw new DllNotFoundException(Failure); }
    }

    private static string? Start()
    {
        if (!NativeLibraries.IsPresent(Library))
        {
            return "libsodium was not found. Install it: `apt-get install libsodium23` (Debian, Ubuntu), `dnf install libsodium` "
                + "(Fedora), `brew install libsodium` (macOS), or put libsodium.dll beside the program (Windows).";
        }
        // 0: started now; 1: another user of the library in this process started it before; -1: no source of randomness.
        return sodium_init() >= 0 ? null : "libsodium is installed but could not start: it found no source of randomness.";
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    public static partial int crypto_sign_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    public static partial int crypto_sign_detached(
        Span<byte> signature, ulong* signatureLength, ReadOnlySpan<byte> message, ulong messageLength,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    public static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    public static partial int crypto_sign_ed25519_pk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    public static partial int crypto_sign_ed25519_sk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    public static partial int crypto_scalarmult_base(Span<byte> publicKey, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library)]
    public static partial int crypto_scalarmult(Span<byte> shared, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    public static partial int crypto_box_seal(
        Span<byte> boxed, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    public static partial int crypto_box_seal_open(
        Span<byte> message, ReadOnlySpan<byte> boxed, ulong boxedLength,
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    public static partial int crypto_pwhash(
        Span<byte> output, ulong outputLength, ReadOnlySpan<byte> passphrase, ulong passphraseLength, ReadOnlySpan<byte> salt,
        ulong operations, nuint memoryBytes, int algorithm);

    // Per packet: the call is about a microsecond and never blocks, so the transition that would let a collection in is skipped.
    [LibraryImport(Library), SuppressGCTransition]
    public static partial int crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        byte* ciphertext, byte* tag, ulong* tagLength, byte* message, ulong messageLength,
        byte* aad, ulong aadLength, byte* unused, byte* nonce, byte* key);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int crypto_aead_chacha20poly1305_ietf_decrypt_detached(
        byte* message, byte* unused, byte* ciphertext, ulong ciphertextLength, byte* tag,
        byte* aad, ulong aadLength, byte* nonce, byte* key);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int crypto_stream_chacha20_ietf_xor_ic(
        byte* output, byte* input, ulong length, byte* nonce, uint counter, byte* key);
}
