using Coco.Media;
using static Coco.Tests.Media.Items;

namespace Coco.Tests.Media;

public sealed class StreamClockTests
{
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(100); // the stream's time, of this node's

    private readonly StreamClock _clock = new();

    // Asked at 0, on its way there for 10 ms at least and back likewise.
    [Theory]
    [InlineData(10, 10)]
    [InlineData(70, 10)]
    [InlineData(10, 70)]
    [InlineData(40, 40)]
    public void A_time_is_never_taken_for_earlier_than_it_is_by_more_than_the_error(int thereMs, int backMs)
    {
        _clock.Handle(Ms(0), Ms(thereMs + backMs), Ms(thereMs) + Ahead, shortest: Ms(20));
        var error = _clock.StreamTime(Ms(1000)) - (Ms(1000) + Ahead);
        Assert.InRange(error, -_clock.Error, _clock.Error);
        Assert.Equal(Ms((thereMs + backMs - 20) / 2), _clock.Error);
    }

    [Fact]
    public void The_answer_that_waited_least_counts()
    {
        _clock.Handle(Ms(0), Ms(100), Ms(90) + Ahead, shortest: Ms(20));
        _clock.Handle(Ms(100), Ms(120), Ms(110) + Ahead, shortest: Ms(20));
        _clock.Handle(Ms(200), Ms(300), Ms(290) + Ahead, shortest: Ms(20));
        Assert.Equal((TimeSpan.Zero, Ms(1000) + Ahead), (_clock.Error, _clock.StreamTime(Ms(1000))));
    }

    [Fact]
    public void What_one_said_who_is_left_does_not_count()
    {
        _clock.Handle(Ms(0), Ms(1), TimeSpan.FromHours(5), shortest: Ms(1));
        _clock.Forget();
        _clock.Handle(Ms(10), Ms(110), Ms(60) + Ahead, shortest: Ms(1));
        Assert.Equal(Ms(1000) + Ahead, _clock.StreamTime(Ms(1000)));
    }
}
