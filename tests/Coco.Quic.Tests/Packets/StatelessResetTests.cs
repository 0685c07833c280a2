using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class StatelessResetTests
{
    private static readonly StatelessResetToken Token = StatelessResetToken.Derive(new byte[32], new([1, 2, 3, 4]));

    [Fact] // RFC 9000 §10.3.2
    public void Token_is_an_hmac_of_the_connection_id()
    {
        var expected = HMACSHA256.HashData(new byte[32], new byte[] { 1, 2, 3, 4 })[..16];
        Assert.True(Token.Matches(expected));
        Assert.False(StatelessResetToken.Derive(new byte[32], new([1, 2, 3, 5])).Matches(expected));
    }

    [Fact] // RFC 9000 §10.3 and §10.3.3
    public void Reset_is_smaller_than_its_cause_and_looks_like_a_short_header()
    {
        var buffer = new byte[64];
        for (var trigger = 0; trigger <= 1500; trigger++)
        {
            var length = StatelessReset.Write(buffer, trigger, Token, new SeededRandomSource((ulong)trigger));
            if (trigger <= 21)
            {
                Assert.Equal(0, length);
                continue;
            }
            Assert.InRange(length, 21, trigger - 1);
            Assert.Equal(Math.Min(trigger - 1, 41), length);
            Assert.Equal(0x40, buffer[0] & 0xC0);
            Assert.True(StatelessReset.IsReset(buffer.AsSpan(0, length), Token));
        }
    }

    [Fact] // RFC 9000 §10.3.1
    public void Datagrams_that_are_short_or_end_otherwise_are_no_reset()
    {
        var buffer = new byte[64];
        var length = StatelessReset.Write(buffer, 1200, Token, new SeededRandomSource(1));
        Assert.False(StatelessReset.IsReset(buffer.AsSpan(length - 20, 20), Token));
        Assert.True(StatelessReset.IsReset(buffer.AsSpan(length - 21, 21), Token));
        buffer[length - 1] ^= 1;
        Assert.False(StatelessReset.IsReset(buffer.AsSpan(0, length), Token));
    }
}
