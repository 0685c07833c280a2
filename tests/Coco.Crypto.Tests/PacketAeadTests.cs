using static Coco.Crypto.Tests.Vectors;

namespace Coco.Crypto.Tests;

public sealed class PacketAeadTests
{
    [Theory, MemberData(nameof(Backends.ChaCha20), MemberType = typeof(Backends))] // RFC 8439 §2.8.2
    public void ChaCha20_Poly1305_matches_the_example_of_its_specification(AeadBackend backend)
    {
        var aead = PacketAead.ChaCha20Poly1305(backend);
        var key = Hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
        var nonce = Hex("070000004041424344454647");
        var aad = Hex("50515253c0c1c2c3c4c5c6c7");
        var plaintext = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8;
        var buffer = new byte[plaintext.Length + PacketAead.TagSize];
        plaintext.CopyTo(buffer);

        aead.Seal(key, nonce, aad, buffer);

        Assert.Equal(Hex("""
            d3 1a 8d 34 64 8e 60 db 7b 86 af bc 53 ef 7e c2 a4 ad ed 51 29 6e 08 fe a9 e2 b5 a7 36 ee 62 d6
            3d be a4 5e 8c a9 67 12 82 fa fb 69 da 92 72 8b 1a 71 de 0a 9e 06 0b 29 05 d6 a5 b6 7e cd 3b 36
            92 dd bd 7f 2d 77 8b 8c 98 03 ae e3 28 09 1b 58 fa b3 24 e4 fa d6 75 94 55 85 80 8b 48 31 d7 bc
            3f f4 de f0 8e 4b 7a 9d e5 76 d2 65 86 ce c6 4b 61 16
            1a e1 0b 59 4f 09 e2 6a 7e 90 2e cb d0 60 06 91
            """), buffer);
        Assert.True(aead.TryOpen(key, nonce, aad, buffer));
        Assert.Equal(plaintext, buffer.AsSpan(..plaintext.Length));
    }

    [Theory, MemberData(nameof(Backends.ChaCha20), MemberType = typeof(Backends))] // RFC 8439 §2.3.2: the block's first five bytes
    public void A_ChaCha20_header_mask_is_the_start_of_the_keystream(AeadBackend backend)
    {
        var key = Hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        Assert.Equal(Hex("10f1e7e4d1"), Mask(PacketAead.ChaCha20Poly1305(backend), key, Hex("01000000 000000090000004a00000000")));
    }

    [Theory, MemberData(nameof(Backends.ChaCha20), MemberType = typeof(Backends))] // RFC 9001 A.5
    public void A_ChaCha20_header_mask_matches_the_QUIC_example(AeadBackend backend)
    {
        var key = Hex("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        Assert.Equal(Hex("aefefe7d03"), Mask(PacketAead.ChaCha20Poly1305(backend), key, Hex("5e5cd55c41f69080575d7999c25a5bfb")));
    }

    [Theory, MemberData(nameof(Backends.Aes128), MemberType = typeof(Backends))] // RFC 9001 A.2, A.3
    public void An_AES_header_mask_matches_the_QUIC_examples(AeadBackend backend)
    {
        var aead = PacketAead.Aes128Gcm(backend);
        Assert.Equal(Hex("437b9aec36"), Mask(aead, Hex("9f50449e04a0e810283a1e9933adedd2"), Hex("d1b1c98dd7689fb8ec11d242b123dc9b")));
        Assert.Equal(Hex("2ec0d8356a"), Mask(aead, Hex("c206b8d9b9f0f37644430b490eeaa314"), Hex("2cd0991cd25b0aac406a5816b6394100")));
    }

    [Theory, MemberData(nameof(Backends.ChaCha20), MemberType = typeof(Backends))] // RFC 9001 A.5
    public void A_ChaCha20_packet_matches_the_QUIC_example(AeadBackend backend)
    {
        var key = Hex("c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8");
        var buffer = new byte[1 + PacketAead.TagSize];
        buffer[0] = 0x01; // a PING frame

        PacketAead.ChaCha20Poly1305(backend).Seal(key, Hex("e0459b3474bdd0e46d417eb0"), Hex("4200bff4"), buffer);

        Assert.Equal(Hex("655e5cd55c41f69080575d7999c25a5bfb"), buffer);
    }

    private static byte[] Mask(PacketAead aead, byte[] key, byte[] sample)
    {
        var mask = new byte[PacketAead.MaskSize];
        aead.HeaderMask(key, sample, mask);
        return mask;
    }
}
