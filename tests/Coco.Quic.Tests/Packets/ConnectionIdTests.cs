using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class ConnectionIdTests
{
    [Fact]
    public void Bytes_come_back_at_every_length()
    {
        var random = new SeededRandomSource(1);
        for (var length = 0; length <= ConnectionId.MaxLength; length++)
        {
            var bytes = new byte[length];
            random.Fill(bytes);
            var id = new ConnectionId(bytes);

            Assert.Equal(length, id.Length);
            Assert.Equal(bytes, id.Span);
            Assert.Equal(Convert.ToHexStringLower(bytes), id.ToString());
            Assert.Equal(id, new ConnectionId(bytes));
            Assert.Equal(id.GetHashCode(), new ConnectionId(bytes).GetHashCode());
        }
    }

    [Fact]
    public void Ids_of_zeros_differ_by_length()
    {
        Assert.NotEqual(new ConnectionId(new byte[4]), new ConnectionId(new byte[5]));
        Assert.True(default == new ConnectionId([]));
    }

    [Fact]
    public void More_than_20_bytes_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConnectionId(new byte[21]));

    [Fact]
    public void Generated_ids_have_the_length_asked_for()
    {
        var id = ConnectionId.Generate(new SeededRandomSource(7), 8);
        Assert.Equal(8, id.Length);
        Assert.NotEqual(id, ConnectionId.Generate(new SeededRandomSource(8), 8));
    }
}
