using Coco.Media;
using static Coco.Tests.Media.Items;

namespace Coco.Tests.Media;

public sealed class ObjectQueueTests
{
    [Fact]
    public void What_is_late_is_left_out_and_the_rest_comes_in_order()
    {
        var queue = Queue();
        queue.Add(Entry(0, 0, dueAtMs: 100));
        queue.Add(Entry(0, 1, dueAtMs: 200));
        queue.Add(Entry(0, 2, dueAtMs: 300));

        Assert.Equal(["-0", "1", "2"], Take(queue, now: 150));
        Assert.Equal(1, queue.LeftOut);
    }

    [Fact]
    public void What_would_be_late_when_it_has_been_sent_is_left_out_too()
    {
        var queue = Queue();
        queue.Add(Entry(0, 0, length: 1000, dueAtMs: 100));
        queue.Add(Entry(0, 1, length: 10, dueAtMs: 100));

        Assert.Equal(["-0", "1"], Take(queue, now: 0, bytesPerSecond: 5000)); // 200 ms and some 4 ms
    }

    [Fact]
    public void Where_there_is_no_room_the_least_important_goes_and_the_oldest_of_them_first()
    {
        var queue = Queue(maxBytes: 350);
        queue.Add(Entry(0, 0, priority: 10));
        queue.Add(Entry(0, 1, priority: 20));
        queue.Add(Entry(0, 2, priority: 20));
        queue.Add(Entry(0, 3, priority: 10));
        queue.Add(Entry(0, 4, priority: 30));

        Assert.InRange(queue.Bytes, 1, 350);
        Assert.Equal(["0", "-1", "2", "3", "-4"], Take(queue, now: 0));
    }

    [Fact]
    public void An_object_is_left_out_where_it_would_make_one_late_that_matters_more()
    {
        var queue = Queue();
        queue.Add(Entry(0, 0, priority: 200, length: 1000));
        queue.Add(Entry(0, 1, priority: 0, length: 1000));

        Assert.Equal(["-0", "1"], Take(queue, now: 0, bytesPerSecond: 3000)); // either is there after a third of a second, both after two
    }

    [Fact]
    public void In_a_dependent_track_what_needs_a_lost_object_is_left_out_until_the_next_group()
    {
        var queue = Queue(isDependent: true);
        queue.Add(Entry(0, 0, priority: 0));
        queue.Add(Entry(0, 1, priority: 10, dueAtMs: 50));
        queue.Add(Entry(0, 2, priority: 20));
        queue.Add(Entry(0, 3, priority: 10));
        queue.Add(Entry(0, 4, priority: 5));
        queue.Add(Entry(1, 0, priority: 20));

        Assert.Equal(["0", "-1", "-2", "-3", "4", "0"], Take(queue, now: 100));
    }

    [Fact]
    public void Entries_are_capped_by_whole_groups()
    {
        var queue = Queue(maxEntries: 4);
        for (var i = 0; i < 3; i++) { queue.Add(Entry(0, i)); }
        for (var i = 0; i < 2; i++) { queue.Add(Entry(1, i)); }
        Assert.Equal(2, queue.Count);
        for (var i = 2; i < 9; i++) { queue.Add(Entry(1, i)); } // has no room, nor has what is left of it
        queue.Add(Entry(2, 0));

        Assert.Equal(["0"], Take(queue, now: 0));
        Assert.Equal((12L, 0L), (queue.LeftOut, queue.Bytes));
    }

    [Fact]
    public void Bytes_never_pass_the_cap_and_none_are_forgotten_whatever_comes()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var queue = new ObjectQueue(2000, 40, random.Next(2) == 0, random.Next(2) == 0);
            var (added, taken) = (0, 0);
            for (var i = 0; i < 400; i++)
            {
                if (random.Next(3) > 0)
                {
                    queue.Add(new(Of(i / 20, i % 20, i, (byte)random.Next(4), random.Next(300)), Ms(i + random.Next(50))));
                    added++;
                }
                else if (queue.TryTake(Ms(i), random.Next(5) * 1000, TimeSpan.Zero, out var entry)) { taken += entry.IsLeftOut ? 0 : 1; }
                Assert.InRange(queue.Bytes, 0, 2000);
                Assert.InRange(queue.Count, 0, 40);
            }
            while (queue.TryTake(Ms(400), 0, TimeSpan.Zero, out var entry)) { taken += entry.IsLeftOut ? 0 : 1; }
            Assert.Equal(added, taken + queue.LeftOut);
            Assert.Equal(0, queue.Bytes);
        }
    }

    private static ObjectQueue Queue(int maxBytes = 100_000, int maxEntries = 1000, bool isDependent = false) => new(maxBytes, maxEntries, isDependent, keepsLeaves: true);

    private static string[] Take(ObjectQueue queue, double now, double bytesPerSecond = 0)
    {
        var taken = new List<string>();
        while (queue.TryTake(Ms(now), bytesPerSecond, TimeSpan.Zero, out var entry)) { taken.Add($"{(entry.IsLeftOut ? "-" : "")}{entry.Place.Index}"); }
        return [.. taken];
    }
}
