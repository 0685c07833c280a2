using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto.Packets;

/// <summary>
/// Packet AEAD by OpenSSL's EVP interface with contexts that are kept; the nonce, and the key if it differs, are set per
/// packet.
/// </summary>
internal sealed unsafe class EvpAead : PacketAead
{
    private readonly EvpContext _seal;
    private readonly EvpContext _open;
    private readonly EvpContext _mask;
    private readonly bool _maskIsKeystream;

    private EvpAead(int keySize, EvpContext seal, EvpContext open, EvpContext mask, bool maskIsKeystream)
    {
        KeySize = keySize;
        (_seal, _open, _mask, _maskIsKeystream) = (seal, open, mask, maskIsKeystream);
    }

    public override int KeySize { get; }

    public static EvpAead? TryCreateChaCha20() => LibCrypto.IsAvailable
        ? TryCreate(32, LibCrypto.EVP_chacha20_poly1305(), LibCrypto.EVP_chacha20(), maskIsKeystream: true)
        : null;

    public static EvpAead? TryCreateAes128() => LibCrypto.IsAvailable
        ? TryCreate(16, LibCrypto.EVP_aes_128_gcm(), LibCrypto.EVP_aes_128_ecb(), maskIsKeystream: false)
        : null;

    public override void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckSeal(key, nonce, buffer);
        var length = buffer.Length - TagSize;
        var context = _seal.Pointer;
        bool done;
        fixed (byte* n = nonce, a = aad, b = buffer)
        {
            int written;
            done = _seal.TryStart(key, n)
                && (aad.IsEmpty || LibCrypto.EVP_CipherUpdate(context, null, &written, a, aad.Length) == 1)
                && (length == 0 || LibCrypto.EVP_CipherUpdate(context, b, &written, b, length) == 1)
                && LibCrypto.EVP_CipherFinal_ex(context, b + length, &written) == 1
                && LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.GetTag, TagSize, b + length) == 1;
        }
        GC.KeepAlive(this);
        if (!done) { throw Failed(); }
    }

    public override bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckKeyAndNonce(key, nonce);
        var length = buffer.Length - TagSize;
        if (length < 0) { return false; }

        var context = _open.Pointer;
        bool opened;
        fixed (byte* n = nonce, a = aad, b = buffer)
        {
            int written;
            opened = _open.TryStart(key, n)
                && LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.SetTag, TagSize, b + length) == 1
                && (aad.IsEmpty || LibCrypto.EVP_CipherUpdate(context, null, &written, a, aad.Length) == 1)
                && (length == 0 || LibCrypto.EVP_CipherUpdate(context, b, &written, b, length) == 1)
                && LibCrypto.EVP_CipherFinal_ex(context, b + length, &written) == 1;
        }
        GC.KeepAlive(this);
        if (opened) { return true; }

        LibCrypto.ERR_clear_error();
        buffer[..length].Clear(); // OpenSSL decrypts before it checks: nobody may see what an attacker chose
        return false;
    }

    public override void HeaderMask(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        CheckMask(key, sample, mask);
        var context = _mask.Pointer;
        var block = stackalloc byte[SampleSize];
        bool done;
        fixed (byte* s = sample)
        {
            int written;
            // RFC 9001 §5.4.4: EVP_chacha20 takes the counter (little endian) and the nonce as one IV, in the sample's order;
            // the mask is keystream, so it encrypts zeros. §5.4.3: with AES the sample itself is the block to encrypt.
            done = _maskIsKeystream
                ? _mask.TryStart(key, s) && LibCrypto.EVP_CipherUpdate(context, block, &written, block, MaskSize) == 1
                : _mask.TryStart(key, null) && LibCrypto.EVP_CipherUpdate(context, block, &written, s, SampleSize) == 1;
        }
        GC.KeepAlive(this);
        if (!done) { throw Failed(); }

        new ReadOnlySpan<byte>(block, MaskSize).CopyTo(mask);
    }

    private static EvpAead? TryCreate(int keySize, nint cipher, nint maskCipher, bool maskIsKeystream)
    {
        var seal = EvpContext.TryCreate(cipher, keySize, encrypting: true);
        var open = EvpContext.TryCreate(cipher, keySize, encrypting: false);
        var mask = EvpContext.TryCreate(maskCipher, keySize, encrypting: true);
        if (seal is not null && open is not null && mask is not null) { return new(keySize, seal, open, mask, maskIsKeystream); }

        seal?.Dispose();
        open?.Dispose();
        mask?.Dispose();
        return null;
    }

    private static CryptographicException Failed()
    {
        LibCrypto.ERR_clear_error();
        return new("OpenSSL refused to encrypt a packet; it is out of memory or broken.");
    }
}
