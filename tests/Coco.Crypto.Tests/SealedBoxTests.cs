using FsCheck;
using FsCheck.Fluent;

namespace Coco.Crypto.Tests;

public sealed class SealedBoxTests
{
    [Fact]
    public void Only_the_node_a_box_was_made_for_opens_it()
    {
        using var owner = IdentityKey.Generate(new SeededRandomSource(1));
        using var other = IdentityKey.Generate(new SeededRandomSource(2));
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), plaintext =>
        {
            var box = new byte[plaintext.Length + SealedBox.Overhead];
            SealedBox.Seal(owner.Id, plaintext, box);
            var opened = new byte[plaintext.Length];
            return !SealedBox.TryOpen(other, box, opened)
                && SealedBox.TryOpen(owner, box, opened) && opened.AsSpan().SequenceEqual(plaintext);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(42UL, 7UL));
    }

    [Fact]
    public void A_box_with_any_bit_flipped_or_cut_anywhere_does_not_open()
    {
        using var owner = IdentityKey.Generate(new SeededRandomSource(1));
        var box = new byte[5 + SealedBox.Overhead];
        SealedBox.Seal(owner.Id, "hello"u8, box);

        for (var bit = 0; bit < box.Length * 8; bit++)
        {
            // X25519 ignores the top bit of a public key (RFC 7748 §5), but the box's nonce is a hash of all 32 bytes.
            box[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SealedBox.TryOpen(owner, box, new byte[5]));
            box[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < box.Length; length++)
        {
            Assert.False(SealedBox.TryOpen(owner, box.AsSpan(..length), new byte[Math.Max(0, length - SealedBox.Overhead)]));
        }
    }

    [Fact]
    public void A_box_to_an_identity_that_is_no_key_is_refused()
    {
        Assert.False(SealedBox.TrySeal(default, [], new byte[SealedBox.Overhead]));
        Assert.Throws<ArgumentException>(() => SealedBox.Seal(default, [], new byte[SealedBox.Overhead]));
    }
}
