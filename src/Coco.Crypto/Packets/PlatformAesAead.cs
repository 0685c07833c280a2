using System.Security.Cryptography;

namespace Coco.Crypto.Packets;

/// <summary>AES-128-GCM packets and AES header masks by the platform's classes.</summary>
internal sealed class PlatformAesAead : PacketAead
{
    private readonly KeyedCache<AesGcm> _seal = new(16, static key => new(key, TagSize));
    private readonly KeyedCache<AesGcm> _open = new(16, static key => new(key, TagSize));
    private readonly KeyedCache<ICryptoTransform> _mask = new(16, CreateBlockCipher);
    private readonly byte[] _sample = new byte[SampleSize]; // the transform takes arrays only
    private readonly byte[] _block = new byte[SampleSize];

    public static bool IsAvailable => AesGcm.IsSupported;

    public override int KeySize => 16;

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
        sample.CopyTo(_sample);
        _mask.For(key).TransformBlock(_sample, 0, SampleSize, _block, 0);
        _block.AsSpan(0, MaskSize).CopyTo(mask);
    }

    private static ICryptoTransform CreateBlockCipher(byte[] key)
    {
        using var aes = Aes.Create();
        // A single block of ECB is the bare block cipher, which is what RFC 9001 §5.4.3 asks for.
#pragma warning disable CA5358 // "weak mode" warns about messages, not blocks
        aes.Mode = CipherMode.ECB;
#pragma warning restore CA5358
        aes.Padding = PaddingMode.None;
        return aes.CreateEncryptor(key, null);
    }
}
