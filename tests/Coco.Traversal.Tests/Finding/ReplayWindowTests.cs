using Coco.Traversal.Finding;

namespace Coco.Traversal.Tests.Finding;

public sealed class ReplayWindowTests
{
    [Fact]
    public void It_agrees_with_a_plain_set_on_everything_within_its_size()
    {
        var random = new Random(3);
        var (window, seen, highest) = (new ReplayWindow(), new HashSet<ulong>(), 0UL);
        for (var i = 0; i < 100_000; i++)
        {
            var number = random.Next(100) == 0 ? highest + (ulong)random.Next(6000) : (ulong)Math.Max(0, (long)highest + random.Next(-2100, 40));
            var isOld = seen.Count > 0 && highest + 1 - Math.Min(number, highest + 1) > ReplayWindow.Size;
            Assert.Equal(isOld || seen.Contains(number), window.HasSeen(number));
            if (isOld) { continue; }
            window.Mark(number);
            seen.Add(number);
            highest = Math.Max(highest, number);
        }
    }

    [Fact]
    public void The_last_numbers_there_are_do_not_confuse_it()
    {
        var window = new ReplayWindow();
        window.Mark(ulong.MaxValue - 1);

        Assert.True(window.HasSeen(ulong.MaxValue - 1));
        Assert.True(window.HasSeen(0));
        Assert.False(window.HasSeen(ulong.MaxValue));
    }

    [Fact]
    public void What_was_missing_counts_as_seen_after_a_rest_and_what_is_new_does_not()
    {
        var window = new ReplayWindow();
        window.Mark(0);
        window.Mark(5);
        Assert.False(window.HasSeen(3));

        window.Rest();
        Assert.True(window.HasSeen(3));
        Assert.True(window.HasSeen(5));
        Assert.False(window.HasSeen(6));

        window.Mark(8);
        Assert.False(window.HasSeen(7));
        Assert.True(window.HasSeen(8));
        Assert.True(window.HasSeen(3));
    }
}
