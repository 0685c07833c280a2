using System.Security.Cryptography;
using Coco.Crypto.Native;

namespace Coco.Crypto.Packets;

/// <summary>ChaCha20-Poly1305 packets by libsodium.</summary>
internal sealed unsafe class SodiumAead : PacketAead
{
    public SodiumAead() => Sodium.Require();

    public override int KeySize => 32;

    public override void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckSeal(key, nonce, buffer);
        var length = buffer.Length - TagSize;
        fixed (byte* k = key, n = nonce, a = aad, b = buffer)
        {
            var result = Sodium.crypto_aead_chacha20poly1305_ietf_encrypt_detached(
                b, b + length, null, b, (ulong)length, a, (ulong)aad.Length, null, n, k);
            if (result != 0) { throw new CryptographicException("libsodium refused to encrypt a packet."); }
        }
    }

    public override bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckKeyAndNonce(key, nonce);
        var length = buffer.Length - TagSize;
        if (length < 0) { return false; }

        fixed (byte* k = key, n = nonce, a = aad, b = buffer)
        {
            var result = Sodium.crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                b, null, b, (ulong)length, b + length, a, (ulong)aad.Length, n, k);
            if (result == 0) { return true; }
        }
        buffer[..length].Clear();
        return false;
    }

    public override void HeaderMask(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        CheckMask(key, sample, mask);
        ChaCha20Mask.Write(key, sample, mask);
    }
}
