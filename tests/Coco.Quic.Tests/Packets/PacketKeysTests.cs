using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class PacketKeysTests
{
    [Theory] // RFC 5869 §2.3, RFC 8446 §7.1: against the platform's HKDF, over one block and several
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(100)]
    public void Expand_label_is_hkdf_expand_of_the_label_structure(int length)
    {
        var secret = SHA256.HashData("secret"u8);
        var context = SHA256.HashData("context"u8);
        byte[] info = [0, (byte)length, 6 + 4, .. "tls13 test"u8, 32, .. context];
        var output = new byte[length];
        HkdfLabel.ExpandLabel(secret, "test"u8, context, output);

        Assert.Equal(HKDF.Expand(HashAlgorithmName.SHA256, secret, length, info), output);
    }

    [Fact] // RFC 9001 §6.6
    public void Limits_are_those_of_the_rfc()
    {
        Assert.Equal((1UL << 23, 1UL << 52), (AeadLimits.Confidentiality(AeadKind.Aes128Gcm), AeadLimits.Integrity(AeadKind.Aes128Gcm)));
        Assert.Equal(1UL << 36, AeadLimits.Integrity(AeadKind.ChaCha20Poly1305));
        Assert.True(AeadLimits.Confidentiality(AeadKind.ChaCha20Poly1305) > PacketNumber.Max);
    }

    [Fact]
    public void Disposed_keys_are_zeros()
    {
        var keys = PacketKeys.Derive(SHA256.HashData("secret"u8), AeadKind.ChaCha20Poly1305);
        keys.Dispose();

        Assert.Equal(-1, keys.Key.IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, keys.HeaderKey.IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, keys.Iv.IndexOfAnyExcept((byte)0));
    }
}
