using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamBufferTests
{
    private readonly StreamPool _pool = new();

    [Fact]
    public void A_range_set_agrees_with_a_plain_set_of_offsets()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var ranges = default(RangeSet);
            var plain = new bool[300];
            for (var step = 0; step < 300; step++)
            {
                var start = random.Next(plain.Length);
                var end = random.Next(start + 1, Math.Min(plain.Length, start + 1 + random.Next(1, 40)) + 1);
                var isAdded = random.Next(3) > 0;
                if (isAdded) { ranges.Add(start, end); } else { ranges.Remove(start, end); }
                plain.AsSpan(start, end - start).Fill(isAdded);
                Assert.True(Expected(plain).SequenceEqual(Enumerable.Range(0, ranges.Count).Select(i => ranges[i])), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Data_in_any_order_is_read_in_order()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var data = new byte[100_000];
            random.NextBytes(data);
            var buffer = new ReceiveBuffer();
            var read = new byte[data.Length];
            while (buffer.ReadOffset < data.Length)
            {
                var offset = (int)Math.Min(data.Length, buffer.End + random.Next(-3000, 9000));
                offset = Math.Max(0, offset);
                var length = Math.Min(random.Next(9000), data.Length - offset);
                buffer.Write(offset, data.AsSpan(offset, length), _pool);
                buffer.Read(read.AsSpan((int)buffer.ReadOffset, Math.Min(random.Next(5000), data.Length - (int)buffer.ReadOffset)), _pool);
            }
            Assert.Equal(data, read);
            Assert.Equal(0, _pool.RentedBlocks);
        }
    }

    [Fact] // RFC 9000 §13.3
    public void What_was_acknowledged_is_not_sent_again()
    {
        var buffer = new SendBuffer();
        buffer.Write(new byte[100], _pool);
        buffer.OnSent(0, 100);
        buffer.OnAcked(20, 10, _pool);
        buffer.OnLost(0, 100);
        Assert.Equal(new(0, 20), buffer.FirstLost);
        buffer.OnAcked(0, 20, _pool);
        Assert.Equal(new(30, 100), buffer.FirstLost);
        buffer.OnAcked(30, 70, _pool);
        Assert.False(buffer.HasLost);
        Assert.True(buffer.IsAllAcked);
        Assert.Equal(0, _pool.RentedBlocks);
    }

    [Fact]
    public void An_acknowledged_front_releases_its_blocks()
    {
        var buffer = new SendBuffer();
        buffer.Write(new byte[4 * StreamPool.BlockSize], _pool);
        buffer.OnSent(0, 4 * StreamPool.BlockSize);
        buffer.OnAcked(StreamPool.BlockSize, StreamPool.BlockSize, _pool);
        Assert.Equal(4, _pool.RentedBlocks);
        buffer.OnAcked(0, StreamPool.BlockSize, _pool);
        Assert.Equal(2, _pool.RentedBlocks);
    }

    [Fact] // every second packet lost, the worst a path can do to the range sets
    public void Acknowledgements_with_gaps_cost_no_more_than_their_number()
    {
        const int packets = 16_384;
        var buffer = new SendBuffer();
        buffer.Write(new byte[packets * 1024], _pool);
        buffer.OnSent(0, packets * 1024);
        for (var i = packets - 1; i > 0; i -= 2) { buffer.OnAcked(i * 1024, 1024, _pool); }
        Assert.Equal(packets / 2, buffer.RangeCount);
        for (var i = 0; i < packets; i += 2) { buffer.OnLost(i * 1024, 1024); }
        for (var i = 0; i < packets; i += 2)
        {
            Assert.Equal(new(i * 1024, (i + 1) * 1024), buffer.FirstLost);
            buffer.OnSent(i * 1024, 1024);
            buffer.OnAcked(i * 1024, 1024, _pool);
        }
        Assert.True(buffer.IsAllAcked);
    }

    private static IEnumerable<ByteRange> Expected(bool[] plain)
    {
        for (var start = 0; start < plain.Length; start++)
        {
            if (!plain[start]) { continue; }
            var end = start;
            while (end < plain.Length && plain[end]) { end++; }
            yield return new(start, end);
            start = end;
        }
    }
}
