using Coco.Cluster.Mesh;

namespace Coco.Cluster.Tests.Mesh;

public sealed class LinkCostTests
{
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    [Fact]
    public void What_is_measured_first_is_told_at_once()
    {
        var cost = new LinkCost(TimeSpan.Zero, _now);
        Assert.Equal(1, cost.Told);

        Assert.True(Take(cost, 80, afterSeconds: 0));
        Assert.Equal(80, cost.Told);
        Assert.Equal(80, new LinkCost(TimeSpan.FromMilliseconds(80), _now).Told);
    }

    [Fact]
    public void Queues_are_not_told_and_a_longer_way_is_after_two_minutes()
    {
        var cost = new LinkCost(TimeSpan.FromMilliseconds(20), _now);
        for (var i = 0; i < 20; i++) { Assert.False(Take(cost, i % 4 == 0 ? 25 : 300, afterSeconds: 10)); }

        var told = 0;
        for (var i = 0; i < 12; i++) { told += Take(cost, 100, afterSeconds: 10) ? 1 : 0; }
        Assert.Equal((1, 100), (told, cost.Told));
    }

    [Fact]
    public void A_shorter_way_is_told_at_once_and_a_little_less_is_not()
    {
        var cost = new LinkCost(TimeSpan.FromMilliseconds(100), _now);
        Assert.False(Take(cost, 60, afterSeconds: 1));
        Assert.True(Take(cost, 40, afterSeconds: 1));

        var near = new LinkCost(TimeSpan.FromMilliseconds(1), _now);
        near.Forget(_now);
        Assert.False(Take(near, 4, afterSeconds: 1));
        near.Forget(_now);
        Assert.True(Take(near, 5, afterSeconds: 1));
    }

    [Fact]
    public void A_link_that_cannot_decide_is_told_of_once_a_minute()
    {
        var cost = new LinkCost(TimeSpan.FromMilliseconds(10), _now);
        var told = 0;
        for (var i = 0; i < 3600; i++)
        {
            cost.Forget(_now);
            told += Take(cost, i % 2 == 0 ? 400 : 10, afterSeconds: 1) ? 1 : 0;
        }

        Assert.InRange(told, 30, 61);
    }

    private bool Take(LinkCost cost, int milliseconds, double afterSeconds)
    {
        _now += TimeSpan.FromSeconds(afterSeconds);
        return cost.Take(TimeSpan.FromMilliseconds(milliseconds), _now);
    }
}
