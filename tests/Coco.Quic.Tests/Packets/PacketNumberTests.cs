using Coco.Quic.Packets;
using Coco.Quic.Tests.Fuzzing;

namespace Coco.Quic.Tests.Packets;

public sealed class PacketNumberTests
{
    [Theory] // RFC 9000 Appendix A.2, and §17.1: more than twice the unacknowledged range
    [InlineData(0xac5c02UL, 0xabe8b3L, 2)]
    [InlineData(0xace8feUL, 0xabe8b3L, 3)]
    [InlineData(0UL, PacketNumber.None, 1)]
    [InlineData(126UL, PacketNumber.None, 1)]
    [InlineData(127UL, PacketNumber.None, 2)]
    [InlineData(32766UL, PacketNumber.None, 2)]
    [InlineData(32767UL, PacketNumber.None, 3)]
    [InlineData(8388607UL, PacketNumber.None, 4)]
    public void Encoded_length_covers_what_is_unacknowledged(ulong full, long largestAcked, int expected) =>
        Assert.Equal(expected, PacketNumber.EncodedLength(full, largestAcked));

    [Fact] // RFC 9000 Appendix A.3
    public void Published_example_decodes() =>
        Assert.Equal(0xa82f9b32UL, PacketNumber.Decode(0xa82f30ea, 0x9b32, 16));

    [Fact]
    public void Any_sent_number_decodes_at_a_receiver_that_is_no_further_behind_than_the_sender_knows()
    {
        var random = new FuzzRandom(9000);
        for (var i = 0; i < 100_000; i++)
        {
            var full = random.Next64() >> random.Next(2, 63);
            var largestAcked = full == 0 ? PacketNumber.None : (long)full - 1 - (long)Math.Min(full, random.Next64() >> random.Next(34, 63));
            var length = PacketNumber.EncodedLength(full, largestAcked);
            var received = largestAcked + (long)(random.Next64() % ((ulong)((long)full - largestAcked)));
            var bytes = new byte[4];
            PacketNumber.Write(bytes, full, length);

            var truncated = PacketNumber.ReadTruncated(bytes, length);
            Assert.Equal(full, PacketNumber.Decode(received, truncated, 8 * length));
        }
    }

    [Fact] // RFC 9000 §12.3
    public void Numbers_near_the_largest_possible_do_not_decode_beyond_it()
    {
        for (var truncated = 0UL; truncated < 256; truncated++)
        {
            Assert.True(PacketNumber.Decode((long)PacketNumber.Max - 1, truncated, 8) <= PacketNumber.Max);
        }
    }
}
