namespace Coco.Crypto.Tests;

public sealed class RememberedSignatureTests
{
    [Fact]
    public void What_was_good_is_good_again_and_nothing_near_it_is()
    {
        using var key = IdentityKey.FromSeed(new byte[IdentityKey.SeedSize]);
        using var other = IdentityKey.Generate();
        var random = new Random(7);
        var message = new byte[300];
        random.NextBytes(message);
        var signature = new byte[IdentityKey.SignatureSize];
        key.Sign(message, signature);

        for (var i = 0; i < 3; i++)
        {
            Assert.True(key.Id.VerifyRemembered(message, signature));
            for (var bit = 0; bit < message.Length * 8; bit += 37) { Assert.False(key.Id.VerifyRemembered(Flipped(message, bit), signature)); }
            for (var bit = 0; bit < signature.Length * 8; bit += 5) { Assert.False(key.Id.VerifyRemembered(message, Flipped(signature, bit))); }
            Assert.False(other.Id.VerifyRemembered(message, signature));
            Assert.False(key.Id.VerifyRemembered(message.AsSpan(..^1), signature));
            Assert.False(key.Id.VerifyRemembered(message, signature.AsSpan(..^1)));
            Assert.False(key.Id.VerifyRemembered([signature[^1], .. message], signature.AsSpan(..^1))); // the border moved
        }
    }

    [Fact]
    public async Task More_than_can_be_kept_are_verified_by_many_threads_at_once()
    {
        using var key = IdentityKey.FromSeed(new byte[IdentityKey.SeedSize]);
        var signed = Enumerable.Range(0, 1000).Select(i =>
        {
            var (message, signature) = (BitConverter.GetBytes(i), new byte[IdentityKey.SignatureSize]);
            key.Sign(message, signature);
            return (message, signature);
        }).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(start => Task.Run(() =>
        {
            for (var i = 0; i < signed.Length; i++)
            {
                var (message, signature) = signed[(i + (start * 250)) % signed.Length];
                var wrong = signed[(i + 1) % signed.Length].signature;
                Assert.True(key.Id.VerifyRemembered(message, signature));
                Assert.Equal(ReferenceEquals(wrong, signature), key.Id.VerifyRemembered(message, wrong));
            }
        })));
    }

    // The bytes survive the growth of the table and the loss of its places alike: what is forgotten is verified.
    [Fact]
    public void A_memory_that_is_full_keeps_the_newest()
    {
        var memory = new SignatureMemory();
        using var key = IdentityKey.Generate();
        var digests = Enumerable.Range(0, 50_000).Select(i => SignatureMemory.DigestOf(key.Id, BitConverter.GetBytes(i), new byte[IdentityKey.SignatureSize])).ToArray();

        foreach (var digest in digests)
        {
            memory.Add(digest);
            Assert.True(memory.Contains(digest));
        }

        Assert.InRange(digests.Count(digest => memory.Contains(digest)), 7000, 8192);
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
