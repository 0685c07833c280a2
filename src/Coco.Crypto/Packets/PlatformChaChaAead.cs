using System.Security.Cryptography;
using Coco.Crypto.Native;
using PlatformCipher = System.Security.Cryptography.ChaCha20Poly1305;

namespace Coco.Crypto.Packets;

/// <summary>
/// ChaCha20-Poly1305 packets by the platform's class; the platform has no raw ChaCha20, so the mask is libsodium's.
/// </summary>
internal sealed class PlatformChaChaAead : PacketAead
{
    private readonly KeyedCache<PlatformCipher> _seal = new(32, static key => new(key));
    private readonly KeyedCache<PlatformCipher> _open = new(32, static key => new(key));

    public PlatformChaChaAead() => Sodium.Require();

    public static bool IsAvailable => PlatformCipher.IsSupported;

    public override int KeySize => 32;

    public override void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckSeal(key, nonce, buffer);
        var text = buffer[..^TagSize];
        _seal.For(key).Encrypt(nonce, text, text, buffer[^TagSize..], aad);
    }

    public override bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, Span<byte> buffer)
    {
        CheckKeyAndNonce(key, nonce);
        if (buffer.Length < TagSize) { return false; }

        var text = buffer[..^TagSize];
        try
        {
            _open.For(key).Decrypt(nonce, text, buffer[^TagSize..], text, aad);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            text.Clear();
            return false;
        }
    }

    public override void HeaderMask(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        CheckMask(key, sample, mask);
        ChaCha20Mask.Write(key, sample, mask);
    }
}
