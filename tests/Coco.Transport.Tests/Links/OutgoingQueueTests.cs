using Coco.Transport.Links;

namespace Coco.Transport.Tests.Links;

public sealed class OutgoingQueueTests
{
    [Fact]
    public void What_waits_is_taken_at_once_with_lengths_in_front()
    {
        var queue = new OutgoingQueue(capacity: 4096, fullMark: 4096);
        Assert.Equal(0, queue.Add([1, 2, 3, 4, 5], segmentSize: 2));
        Assert.Equal(0, queue.Add([6], segmentSize: 9));

        Assert.True(queue.TryTake(out var frames, out var count, out _));

        Assert.Equal(4, count);
        Assert.Equal([0, 2, 1, 2, 0, 2, 3, 4, 0, 1, 5, 0, 1, 6], frames.ToArray());
        Assert.False(queue.TryTake(out _, out _, out _));
    }

    [Fact]
    public void What_is_being_sent_counts_and_the_last_datagrams_of_a_run_are_refused()
    {
        var queue = new OutgoingQueue(capacity: 100, fullMark: 100);
        Assert.Equal(0, queue.Add(new byte[48], 48));
        Assert.True(queue.TryTake(out _, out _, out _));

        Assert.Equal(2, queue.Add(new byte[60], 25)); // of 25, 25 and 10 bytes the first fits
        Assert.Equal(50 + 27, queue.Bytes);
        queue.Sent();
        Assert.Equal(27, queue.Bytes);
        Assert.Equal(0, queue.Add(new byte[71], 71));
    }

    [Fact]
    public void It_is_full_from_its_mark_on_until_what_waits_is_taken()
    {
        var queue = new OutgoingQueue(capacity: 1000, fullMark: 100);
        Assert.Equal(0, queue.Add(new byte[50], 50, limit: 1000, out var isFull));
        Assert.False(isFull);
        Assert.Equal(0, queue.Add(new byte[500], 50, limit: 1000, out isFull)); // a batch that begins below the mark is taken whole
        Assert.True(isFull);

        Assert.True(queue.TryTake(out _, out _, out var wasFull));
        Assert.True(wasFull);
        Assert.Equal(0, queue.Add(new byte[50], 50, limit: 1000, out isFull)); // while those are being sent the next may be made
        Assert.False(isFull);
        queue.Sent();
        Assert.True(queue.TryTake(out _, out _, out wasFull));
        Assert.False(wasFull);
    }

    [Fact]
    public void What_is_for_others_is_refused_at_a_lower_limit()
    {
        var queue = new OutgoingQueue(capacity: 1000, fullMark: 900);
        Assert.Equal(2, queue.Add(new byte[600], 100, limit: 500, out _));
        Assert.Equal(4 * 102, queue.Bytes);
        Assert.Equal(0, queue.Add(new byte[400], 100, limit: 1000, out _));
    }

    [Fact]
    public void A_datagram_over_65535_bytes_or_after_the_end_is_refused()
    {
        var queue = new OutgoingQueue(capacity: 1 << 20, fullMark: 1 << 20);

        Assert.Equal(1, queue.Add(new byte[65_536], 65_536));
        Assert.Equal(0, queue.Add(new byte[65_535], 65_535));
        queue.Complete();
        Assert.Equal(3, queue.Add(new byte[3], 1));
        Assert.Equal(0, queue.Bytes);
    }
}
