using Coco.Cluster.Grants;

namespace Coco.Cluster.Tests.Grants;

public sealed class WeeklyScheduleTests
{
    private const byte Sunday = 1 << 6;
    private const byte Friday = 1 << 4;

    [Theory]
    [InlineData("2026-11-20T07:59:59Z", false)] // Friday, 08:59:59 in Berlin
    [InlineData("2026-11-20T08:00:00Z", true)]
    [InlineData("2026-11-20T15:59:59Z", true)]
    [InlineData("2026-11-20T16:00:00Z", false)] // the end is not included
    [InlineData("2026-11-19T12:00:00Z", false)] // Thursday
    [InlineData("2026-07-17T07:00:00Z", true)] // the same hours of the wall in summer
    public void It_is_open_by_the_clock_on_the_wall(string utc, bool open) =>
        Assert.Equal(open, Schedule(Friday, 9 * 60, 17 * 60).IsOpen(At(utc)));

    [Theory] // clocks in Berlin go from 01:59:59 to 03:00:00 on 2026-03-29, at 01:00 UTC
    [InlineData(120, 180, "2026-03-29T00:59:59Z", false)]
    [InlineData(120, 180, "2026-03-29T01:00:00Z", false)] // the hour is skipped, and not made up for
    [InlineData(150, 240, "2026-03-29T01:00:00Z", true)] // begins in the gap: open as soon as the wall shows three
    [InlineData(60, 180, "2026-03-29T00:59:59Z", true)]
    [InlineData(60, 180, "2026-03-29T01:00:00Z", false)]
    public void What_spring_skips_is_not_made_up_for(int start, int end, string utc, bool open) =>
        Assert.Equal(open, Schedule(Sunday, start, end).IsOpen(At(utc)));

    [Theory] // 02:00 to 03:00 comes twice in Berlin on 2026-10-25, from 00:00 and from 01:00 UTC
    [InlineData("2026-10-25T00:29:59Z", false)]
    [InlineData("2026-10-25T00:30:00Z", true)]
    [InlineData("2026-10-25T01:00:00Z", false)]
    [InlineData("2026-10-25T01:30:00Z", true)]
    [InlineData("2026-10-25T02:00:00Z", false)]
    public void What_comes_twice_in_autumn_is_open_twice(string utc, bool open) =>
        Assert.Equal(open, Schedule(Sunday, 150, 180).IsOpen(At(utc)));

    [Theory]
    [InlineData("2026-11-20T20:59:59Z", false)]
    [InlineData("2026-11-20T21:00:00Z", true)]
    [InlineData("2026-11-21T04:59:59Z", true)]
    [InlineData("2026-11-21T05:00:00Z", false)]
    [InlineData("2026-11-20T04:00:00Z", false)] // Thursday night was not named
    public void A_window_over_midnight_belongs_to_the_day_it_begins_on(string utc, bool open) =>
        Assert.Equal(open, Schedule(Friday, 22 * 60, 6 * 60).IsOpen(At(utc)));

    [Fact]
    public void From_Sunday_it_goes_on_to_Monday() =>
        Assert.True(Schedule(Sunday, 22 * 60, 6 * 60).IsOpen(At("2026-11-23T01:00:00Z")));

    [Fact]
    public void A_day_is_as_long_as_the_wall_says()
    {
        var schedule = Schedule(Sunday, 0, 1440);
        Assert.Equal((23, 25), (OpenHours(schedule, "2026-03-28T00:00:00Z"), OpenHours(schedule, "2026-10-24T00:00:00Z")));
    }

    [Fact]
    public void In_a_zone_nobody_knows_it_is_never_open_and_no_date_is_too_late()
    {
        var unknown = new WeeklySchedule("Mars/Olympus", [new(127, 0, 1440)]);
        Assert.Equal((false, false), (unknown.IsZoneKnown, unknown.IsOpen(1_800_000_000)));
        Assert.False(Schedule(127, 0, 1440).IsOpen(ulong.MaxValue));
        Assert.True(Schedule(127, 0, 1440).IsOpen(0));
    }

    private static int OpenHours(WeeklySchedule schedule, string from) =>
        Enumerable.Range(0, 72).Count(hour => schedule.IsOpen(At(from) + ((ulong)hour * 3600)));

    private static WeeklySchedule Schedule(byte days, int start, int end) => new("Europe/Berlin", [new(days, start, end)]);

    private static ulong At(string utc) => (ulong)NodaTime.Text.InstantPattern.General.Parse(utc).Value.ToUnixTimeSeconds();
}
