using Coco.Crypto;

namespace Coco.Cluster.Tests;

public sealed class IdentifierTests
{
    [Fact]
    public void A_network_is_written_as_its_key_and_read_back()
    {
        using var key = IdentityKey.Generate(new SeededRandomSource(1));
        var network = new NetworkId(key.Id);

        Assert.True(NetworkId.TryParse(network.ToString(), out var read));
        Assert.Equal(network, read);
        Assert.False(NetworkId.TryParse(network.ToString().ToUpperInvariant(), out _));
    }

    [Theory]
    [InlineData("core", true)]
    [InlineData("org.example.chat_2-b", true)]
    [InlineData("", false)]
    [InlineData("Chat", false)]
    [InlineData(".chat", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void A_label_has_one_spelling(string text, bool valid)
    {
        Assert.Equal(valid, Labels.IsValid(text));
        if (!valid) { Assert.Throws<ArgumentException>(() => new AppId(text)); }
    }

    [Fact]
    public void A_label_ends_at_64_characters()
    {
        Assert.True(Labels.IsValid(new string('a', 64)));
        Assert.False(Labels.IsValid(new string('a', 65)));
    }

    [Fact]
    public void A_statement_is_named_by_its_bytes()
    {
        var id = StatementId.Of("one"u8);
        var bytes = new byte[StatementId.Size];
        id.CopyTo(bytes);

        Assert.Equal(id, StatementId.Read(bytes));
        Assert.NotEqual(id, StatementId.Of("two"u8));
        Assert.Equal(Convert.ToHexStringLower(bytes)[..16], id.ToString());
    }
}
