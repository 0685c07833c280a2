using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class VarIntTests
{
    [Theory] // RFC 9000 Appendix A.1
    [InlineData("c2197c5eff14e88c", 151288809941952652UL)]
    [InlineData("9d7f3e7d", 494878333UL)]
    [InlineData("7bbd", 15293UL)]
    [InlineData("25", 37UL)]
    public void Published_examples_read_and_write(string hex, ulong value)
    {
        var bytes = Convert.FromHexString(hex);
        var written = new byte[VarInt.Length(value)];

        Assert.True(VarInt.TryRead(bytes, out var read, out var length));
        Assert.Equal((value, bytes.Length), (read, length));
        Assert.Equal(bytes.Length, VarInt.Write(written, value));
        Assert.Equal(bytes, written);
    }

    [Fact] // RFC 9000 Appendix A.1: 0x4025 is 37 as well
    public void Longer_encodings_of_a_value_are_read()
    {
        Assert.True(VarInt.TryRead([0x40, 0x25], out var value, out var length));
        Assert.Equal((37UL, 2), (value, length));
    }

    [Theory] // RFC 9000 §16, Table 4
    [InlineData(0UL, 1)]
    [InlineData(63UL, 1)]
    [InlineData(64UL, 2)]
    [InlineData(16383UL, 2)]
    [InlineData(16384UL, 4)]
    [InlineData(1073741823UL, 4)]
    [InlineData(1073741824UL, 8)]
    [InlineData(4611686018427387903UL, 8)]
    public void Edges_of_each_length_round_trip_in_every_length_that_holds_them(ulong value, int shortest)
    {
        Assert.Equal(shortest, VarInt.Length(value));
        for (var length = shortest; length <= VarInt.MaxLength; length *= 2)
        {
            var bytes = new byte[length];
            VarInt.WriteWithLength(bytes, value, length);
            Assert.True(VarInt.TryRead(bytes, out var read, out var readLength));
            Assert.Equal((value, length), (read, readLength));
            Assert.False(VarInt.TryRead(bytes.AsSpan(0, length - 1), out _, out _));
        }
    }
}
