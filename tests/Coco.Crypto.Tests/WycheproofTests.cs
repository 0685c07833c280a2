using System.Security.Cryptography;

namespace Coco.Crypto.Tests;

public sealed class WycheproofTests
{
    [Theory, MemberData(nameof(Backends.ChaCha20), MemberType = typeof(Backends))]
    public void ChaCha20_Poly1305_gives_the_expected_verdicts(AeadBackend backend) =>
        RunAead("chacha20_poly1305_test.json", PacketAead.ChaCha20Poly1305(backend), atLeast: 300);

    [Theory, MemberData(nameof(Backends.Aes128), MemberType = typeof(Backends))]
    public void Aes_128_gcm_gives_the_expected_verdicts(AeadBackend backend) =>
        RunAead("aes_gcm_test.json", PacketAead.Aes128Gcm(backend), atLeast: 60);

    [Fact] // no case where libsodium differs: it refuses S >= L, small-order keys and non-canonical encodings
    public void Ed25519_gives_the_expected_verdicts()
    {
        var run = 0;
        foreach (var test in Wycheproof.Cases("ed25519_test.json"))
        {
            var id = NodeId.Read(Convert.FromHexString(test.Group.GetProperty("publicKey").GetProperty("pk").GetString()!));
            Assert.True(test.IsValid == id.Verify(test["msg"], test["sig"]), $"case {test.Id}");
            run++;
        }
        Assert.True(run > 100);
    }

    [Fact] // "acceptable" leaves zero results to us, and RFC 8446 §7.4.2 has us refuse them
    public void X25519_gives_the_expected_secrets_and_refuses_zero()
    {
        var (run, zero) = (0, 0);
        foreach (var test in Wycheproof.Cases("x25519_test.json"))
        {
            using var key = EphemeralKey.Generate(new FixedRandomSource(test["private"]));
            var agreed = key.TryAgree(test["public"], out var secret);
            using (secret)
            {
                Assert.True(agreed != test.Has("ZeroSharedSecret"), $"case {test.Id}");
                if (secret is not null) { Assert.Equal(test["shared"], secret.Span); }
            }
            run++;
            zero += agreed ? 0 : 1;
        }
        Assert.True(run > 500 && zero > 30);
    }

    [Fact]
    public void The_platform_s_HKDF_gives_the_expected_keys()
    {
        foreach (var test in Wycheproof.Cases("hkdf_sha256_test.json"))
        {
            var size = test.Test.GetProperty("size").GetInt32();
            if (test.IsValid)
            {
                Assert.Equal(test["okm"], HKDF.DeriveKey(HashAlgorithmName.SHA256, test["ikm"], size, test["salt"], test["info"]));
            }
            else
            {
                Assert.ThrowsAny<ArgumentException>(
                    () => HKDF.DeriveKey(HashAlgorithmName.SHA256, test["ikm"], size, test["salt"], test["info"]));
            }
        }
    }

    [Fact]
    public void The_platform_s_HMAC_gives_the_expected_tags()
    {
        foreach (var test in Wycheproof.Cases("hmac_sha256_test.json"))
        {
            var tag = HMACSHA256.HashData(test["key"], test["msg"])[..(test.Size("tagSize") / 8)];
            Assert.True(test.IsValid == tag.AsSpan().SequenceEqual(test["tag"]), $"case {test.Id}");
        }
    }

    private static void RunAead(string file, PacketAead aead, int atLeast)
    {
        var run = 0;
        foreach (var test in Wycheproof.Cases(file))
        {
            // Other sizes of key, nonce and tag do not occur in QUIC; the seam refuses them as misuse.
            if (test.Size("keySize") != aead.KeySize * 8 || test.Size("ivSize") != 96 || test.Size("tagSize") != 128) { continue; }

            byte[] buffer = [.. test["ct"], .. test["tag"]];
            Assert.True(test.IsValid == aead.TryOpen(test["key"], test["iv"], test["aad"], buffer), $"case {test.Id}");
            if (test.IsValid)
            {
                Assert.Equal(test["msg"], buffer[..^PacketAead.TagSize]);
                aead.Seal(test["key"], test["iv"], test["aad"], buffer);
                Assert.Equal([.. test["ct"], .. test["tag"]], buffer);
            }
            run++;
        }
        Assert.True(run >= atLeast, $"only {run} cases fitted");
    }
}
