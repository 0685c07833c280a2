using FsCheck;
using FsCheck.Fluent;

namespace Coco.Crypto.Tests;

public sealed class NodeIdTests
{
    [Fact] // RFC 4648 §6, lower-case and without padding
    public void An_identity_is_written_in_base32()
    {
        var bytes = new byte[NodeId.Size];
        "foobar"u8.CopyTo(bytes);
        Assert.Equal("mzxw6ytboi" + new string('a', 42), NodeId.Read(bytes).ToString());

        Array.Fill(bytes, (byte)0xFF);
        Assert.Equal(new string('7', 51) + "q", NodeId.Read(bytes).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")] // 51
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")] // 53
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")] // unused bits set
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaap")]
    [InlineData("Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("ıaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Only_the_canonical_text_is_read(string text)
    {
        Assert.False(NodeId.TryParse(text, out var id));
        Assert.True(id.IsDefault);
        Assert.Throws<FormatException>(() => NodeId.Parse(text));
    }

    [Fact]
    public void Text_and_bytes_lead_back_to_the_identity_and_order_it_alike()
    {
        var ids = Gen.Choose(0, int.MaxValue).Select(seed => RandomId((uint)seed));
        Prop.ForAll(ids.Two().ToArbitrary(), pair =>
        {
            var (one, other) = pair;
            var (a, b) = (BytesOf(one), BytesOf(other));
            return NodeId.Parse(one.ToString()) == one && NodeId.Read(a) == one && one.GetHashCode() == NodeId.Read(a).GetHashCode()
                && Math.Sign(one.CompareTo(other)) == Math.Sign(a.AsSpan().SequenceCompareTo(b));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(42UL, 7UL));
    }

    [Fact]
    public void No_other_text_of_the_right_length_reads_as_the_same_identity()
    {
        var text = RandomId(5).ToString();
        for (var i = 0; i < text.Length; i++)
        {
            for (var c = '\0'; c < 0x100; c++)
            {
                if (c == text[i]) { continue; }
                var changed = text[..i] + c + text[(i + 1)..];
                Assert.False(NodeId.TryParse(changed, out var id) && id.ToString() != changed);
            }
        }
    }

    [Fact]
    public void An_identity_is_formatted_without_allocating()
    {
        var (id, text) = (RandomId(6), new char[NodeId.TextLength]);
        Assert.True(id.TryFormat(text, out _, default, null));
        Assert.False(id.TryFormat(text.AsSpan(1), out var written, default, null));
        Assert.Equal(0, written);
        Assert.True(NodeId.TryParse(text, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            id.TryFormat(text, out _, default, null);
            if (!NodeId.TryParse(text, out _)) { throw new InvalidOperationException(); }
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void An_identity_that_is_no_point_of_the_curve_verifies_nothing()
    {
        Assert.False(default(NodeId).Verify("message"u8, new byte[IdentityKey.SignatureSize]));
        Assert.Throws<ArgumentException>(() => NodeId.Read(new byte[NodeId.Size - 1]));
        Assert.Throws<ArgumentException>(() => default(NodeId).CopyTo(new byte[NodeId.Size - 1]));
    }

    private static NodeId RandomId(uint seed)
    {
        var bytes = new byte[NodeId.Size];
        new SeededRandomSource(seed).Fill(bytes);
        return NodeId.Read(bytes);
    }

    private static byte[] BytesOf(NodeId id)
    {
        var bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return bytes;
    }
}
