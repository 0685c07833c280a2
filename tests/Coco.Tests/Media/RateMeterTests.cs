using Coco.Media;
using static Coco.Tests.Media.Items;

namespace Coco.Tests.Media;

public sealed class RateMeterTests
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly RateMeter _rate = new();

    [Fact]
    public void What_is_written_while_nothing_waits_says_nothing()
    {
        for (var i = 0; i < 100; i++) { _rate.Add(Ms(i), Ms(i), 10_000, held: 16_000, Most); }
        Assert.Equal((0, TimeSpan.Zero), (_rate.BytesPerSecond, _rate.Left(Ms(100))));
    }

    [Fact]
    public void What_took_long_and_cannot_have_waited_says_nothing_either()
    {
        for (var i = 0; i < 10; i++) { _rate.Add(Ms(100 * i), Ms(100 * (i + 1)), 10, held: 0, Most); }
        Assert.Equal((0, TimeSpan.Zero), (_rate.BytesPerSecond, _rate.Left(Ms(1000))));
    }

    [Fact]
    public void What_had_to_wait_tells_the_rate_and_how_long_what_is_below_takes()
    {
        for (var i = 0; i < 10; i++) { _rate.Add(Ms(20 * i), Ms(20 * (i + 1)), 2_000, held: 30_000, Most); }
        Assert.Equal(100_000, _rate.BytesPerSecond, tolerance: 1);
        Assert.Equal(300, _rate.Left(Ms(200)).TotalMilliseconds, tolerance: 1);
        _rate.Add(Ms(200), Ms(200), 1_000, held: 30_000, Most); // there was room for it
        Assert.Equal(310, _rate.Left(Ms(200)).TotalMilliseconds, tolerance: 1);
    }

    [Fact]
    public void A_rate_holds_until_what_was_written_has_left()
    {
        for (var i = 0; i < 10; i++) { _rate.Add(Ms(20 * i), Ms(20 * (i + 1)), 2_000, held: 30_000, Most); }
        _rate.HandleIdle(Ms(400));
        Assert.NotEqual(0, _rate.BytesPerSecond);
        _rate.HandleIdle(Ms(501));
        Assert.Equal(0, _rate.BytesPerSecond);
    }

    [Fact]
    public void What_was_given_up_need_not_leave_and_nothing_takes_longer_than_the_most()
    {
        _rate.Add(Ms(0), Ms(200), 200, held: 30_000, Most); // 1,000 bytes a second
        Assert.Equal(Most, _rate.Left(Ms(200)));
        _rate.HandleGivenUp(Ms(300), Ms(50));
        Assert.Equal(Ms(50), _rate.Left(Ms(300)));
    }
}
