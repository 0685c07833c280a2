using Coco.Cluster.Time;

namespace Coco.Cluster.Tests.Time;

public sealed class TimeViewTests
{
    [Theory]
    [InlineData(1000ul, 0ul, 0ul, nameof(TimeVerdict.InForce))]
    [InlineData(0ul, 0ul, 0ul, nameof(TimeVerdict.InForce))] // no limit needs no time
    [InlineData(0ul, 0ul, 2000ul, nameof(TimeVerdict.TimeUnknown))]
    [InlineData(1999ul, 1000ul, 2000ul, nameof(TimeVerdict.InForce))]
    [InlineData(2000ul, 1000ul, 2000ul, nameof(TimeVerdict.Expired))]
    [InlineData(999ul, 1000ul, 2000ul, nameof(TimeVerdict.NotYet))]
    public void A_limit_is_judged_by_best_known_time(ulong now, ulong from, ulong until, string verdict) =>
        Assert.Equal(verdict, new TimeView(now, true, TimeSpan.Zero).Judge(from, until, isScheduled: false, isRefreshed: false).ToString());

    [Theory]
    [InlineData(24, false, false, nameof(TimeVerdict.InForce))]
    [InlineData(25, false, false, nameof(TimeVerdict.Lapsed))]
    [InlineData(25, true, false, nameof(TimeVerdict.InForce))]
    [InlineData(25, false, true, nameof(TimeVerdict.InForce))]
    public void Without_a_trusted_clock_a_limit_nobody_refreshed_lapses_after_a_day(int hours, bool trusted, bool refreshed, string verdict) =>
        Assert.Equal(verdict, new TimeView(1500, trusted, TimeSpan.FromHours(hours)).Judge(0, 2000, isScheduled: false, refreshed).ToString());

    [Fact]
    public void A_schedule_lapses_as_an_end_does_and_what_only_begins_does_not()
    {
        var view = new TimeView(1500, false, TimeSpan.FromHours(25));

        Assert.Equal(TimeVerdict.Lapsed, view.Judge(0, 0, isScheduled: true, isRefreshed: false));
        Assert.Equal(TimeVerdict.InForce, view.Judge(1000, 0, isScheduled: false, isRefreshed: false));
    }
}
