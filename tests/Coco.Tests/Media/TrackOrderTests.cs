using Coco.Media;
using static Coco.Tests.Media.Items;

namespace Coco.Tests.Media;

public sealed class TrackOrderTests
{
    private readonly TrackOrder _order = new(Ms(100), maxLanes: 4, maxBytes: 1000);

    [Fact]
    public void A_stream_that_begins_to_arrive_late_is_waited_for_and_not_for_ever()
    {
        var third = _order.Open(4, previous: 2)!;
        Handle(third, 4, at: 0, dueAt: 1000);
        Assert.False(_order.TryTake(out _));
        var second = _order.Open(2, previous: -1)!;
        Handle(second, 2, at: 1, dueAt: 1000);
        Handle(second, 3, at: 2, dueAt: 1000);
        _order.End(second, Ms(3));
        Assert.Equal([2L, 3L, 4L], Taken());

        _order.End(third, Ms(4));
        Handle(_order.Open(9, previous: 6)!, 9, at: 10, dueAt: 1000);
        Assert.Empty(Taken());
        _order.HandleTimeout(_order.Deadline);
        Assert.Equal([9L], Taken());
    }

    [Fact]
    public void A_group_that_comes_before_its_turn_waits_for_the_one_before()
    {
        var (first, second) = (_order.Open(0)!, _order.Open(2)!);
        Handle(second, 2, at: 0);
        Assert.Empty(Taken());
        Handle(first, 0, at: 1);
        Handle(first, 1, at: 2);
        Assert.Equal([0, 1], Taken());
        _order.End(first, Ms(3));
        Assert.Equal([2], Taken());
    }

    [Fact]
    public void Of_a_source_that_is_left_nothing_is_waited_for_and_the_next_may_begin_with_the_same_group()
    {
        var left = _order.Open(4, previous: 2)!;
        Handle(left, 4, at: 0, dueAt: 1000);
        Assert.Empty(Taken());
        _order.EndAll();
        Assert.Equal([4], Taken());
        Handle(left, 5, at: 1);

        var next = _order.Open(4)!;
        Handle(next, 4, at: 2);
        Handle(next, 5, at: 2);
        Assert.Equal([5], Taken());
    }

    [Fact]
    public void What_stays_behind_is_waited_for_no_longer_than_the_jitter()
    {
        var (first, second) = (_order.Open(0)!, _order.Open(2)!);
        Handle(second, 2, at: 10);
        Assert.Equal(Ms(110), _order.Deadline);
        _order.HandleTimeout(Ms(109));
        Assert.Empty(Taken());
        _order.HandleTimeout(Ms(110));
        Assert.Equal([2], Taken());
        Handle(first, 0, at: 111);
        Assert.Empty(Taken());
    }

    [Fact]
    public void Nor_so_long_that_what_waits_is_late()
    {
        _order.Open(0);
        Handle(_order.Open(2)!, 2, at: 10, dueAt: 50);
        Assert.Equal(Ms(30), _order.Deadline);
    }

    [Fact]
    public void The_rest_of_a_group_on_another_stream_follows_what_came_on_the_first()
    {
        var (rest, first) = (_order.Open(3)!, _order.Open(0)!);
        Handle(rest, 3, at: 0);
        Handle(first, 0, at: 0);
        _order.End(first, Ms(1));
        Assert.Equal([0, 3], Taken());
    }

    [Fact]
    public void Streams_and_bytes_that_wait_are_capped()
    {
        for (var i = 0; i < 4; i++) { Assert.NotNull(_order.Open(10 * i)); }
        Assert.Null(_order.Open(40));
        Assert.Null(new TrackOrder(Ms(1), 4, 1) is var other && other.Open(1) is not null ? other.Open(1) : null);
    }

    [Fact]
    public void More_bytes_than_may_wait_are_handed_on()
    {
        _order.Open(0);
        var second = _order.Open(2)!;
        for (var i = 0; i < 12; i++) { Handle(second, 2 + i, at: 0); }
        Assert.InRange(Taken().Length, 5, 12);
    }

    [Fact]
    public void What_is_handed_on_is_in_order_whatever_comes()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var order = new TrackOrder(Ms(20), 8, 10_000);
            var lanes = new List<(OrderLane Lane, long Next)>();
            var last = -1L;
            for (var now = 0; now < 200; now++)
            {
                if (random.Next(3) == 0 && order.Open(random.Next(500)) is { } opened) { lanes.Add((opened, opened.First)); }
                if (lanes.Count > 0 && random.Next(3) > 0)
                {
                    var i = random.Next(lanes.Count);
                    order.Handle(lanes[i].Lane, new(Of(0, 0, lanes[i].Next, length: 20), Ms(now), Ms(now + 100), default, false), Ms(now));
                    lanes[i] = (lanes[i].Lane, lanes[i].Next + 1 + random.Next(2));
                    if (random.Next(5) == 0)
                    {
                        order.End(lanes[i].Lane, Ms(now));
                        lanes.RemoveAt(i);
                    }
                }
                if (order.Deadline <= Ms(now)) { order.HandleTimeout(Ms(now)); }
                while (order.TryTake(out var item))
                {
                    Assert.True(item.Object!.Place.Sequence > last);
                    last = item.Object!.Place.Sequence;
                }
            }
            Assert.True(last > 0);
        }
    }

    private void Handle(OrderLane lane, long sequence, double at, double dueAt = 500) =>
        _order.Handle(lane, new(Of(0, 0, sequence), Ms(at), Ms(dueAt), default, false), Ms(at));

    private long[] Taken()
    {
        var taken = new List<long>();
        while (_order.TryTake(out var item)) { taken.Add(item.Object!.Place.Sequence); }
        return [.. taken];
    }
}
