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
}
