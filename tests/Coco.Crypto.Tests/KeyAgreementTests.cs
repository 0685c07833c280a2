using static Coco.Crypto.Tests.Vectors;

namespace Coco.Crypto.Tests;

public sealed class KeyAgreementTests
{
    [Theory] // RFC 7748 §5.2
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void X25519_matches_the_examples_of_its_specification(string scalar, string u, string result) =>
        Assert.Equal(Hex(result), Agree(Hex(scalar), Hex(u)));

    [Fact] // RFC 7748 §5.2
    public void X25519_matches_the_iterated_example()
    {
        var k = Hex("0900000000000000000000000000000000000000000000000000000000000000");
        var u = k;
        for (var iteration = 1; iteration <= 1000; iteration++)
        {
            (k, u) = (Agree(k, u), k);
            if (iteration == 1) { Assert.Equal(Hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"), k); }
        }
        Assert.Equal(Hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"), k);
    }

    [Fact] // RFC 7748 §6.1
    public void Two_key_pairs_agree_as_in_the_example()
    {
        using var alice = EphemeralKey.Generate(new FixedRandomSource(
            Hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")));
        using var bob = EphemeralKey.Generate(new FixedRandomSource(
            Hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")));
        var (alicePublic, bobPublic) = (PublicKeyOf(alice), PublicKeyOf(bob));

        Assert.Equal(Hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"), alicePublic);
        Assert.Equal(Hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"), bobPublic);
        Assert.True(alice.TryAgree(bobPublic, out var one));
        Assert.True(bob.TryAgree(alicePublic, out var other));
        Assert.Equal(Hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"), one.Span);
        Assert.True(one.FixedTimeEquals(other));
    }

    [Theory] // RFC 7748 §6.1, RFC 8446 §7.4.2: points of small order give zero whatever the private key
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("")]
    [InlineData("09")]
    public void A_public_key_that_gives_no_secret_is_refused(string publicKey)
    {
        using var key = EphemeralKey.Generate(RandomSource.System);
        Assert.False(key.TryAgree(Hex(publicKey), out var secret));
        Assert.Null(secret);
    }

    private static byte[] Agree(byte[] scalar, byte[] u)
    {
        using var key = EphemeralKey.Generate(new FixedRandomSource(scalar));
        Assert.True(key.TryAgree(u, out var secret));
        using (secret) { return secret.Span.ToArray(); }
    }

    private static byte[] PublicKeyOf(EphemeralKey key)
    {
        var publicKey = new byte[EphemeralKey.PublicKeySize];
        key.CopyPublicKeyTo(publicKey);
        return publicKey;
    }
}
