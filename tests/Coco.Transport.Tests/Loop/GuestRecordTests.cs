using Coco.Transport.Loop;

namespace Coco.Transport.Tests.Loop;

/// <summary>When a reader may be a guest of the endpoint's thread.</summary>
public sealed class GuestRecordTests
{
    [Fact]
    public void A_reader_has_a_ninth_of_the_time_at_most_however_long_it_stays()
    {
        var record = new GuestRecord();
        var (now, stayed) = (TimeSpan.Zero, TimeSpan.Zero);
        var random = new Random(1);
        while (now < TimeSpan.FromMinutes(1))
        {
            if (record.MayCome(now))
            {
                var stay = TimeSpan.FromMicroseconds(random.Next(1, 3000));
                record.Left(now, now + stay);
                (now, stayed) = (now + stay, stayed + stay);
            }
            now += TimeSpan.FromMicroseconds(1);
        }
        Assert.InRange(stayed / now, 0.1, 0.112);
    }

    [Fact]
    public void A_reader_that_stays_for_microseconds_may_come_some_times_in_a_row()
    {
        var record = new GuestRecord();
        var (now, times) = (TimeSpan.FromHours(1), 0);
        for (; record.MayCome(now); times++)
        {
            var came = now;
            now += TimeSpan.FromMicroseconds(6);
            record.Left(came, now);
        }
        Assert.InRange(times, 10, 25);
        Assert.True(record.MayCome(now + TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void A_reader_that_outstays_rests_twice_as_long_each_time_up_to_a_minute()
    {
        var record = new GuestRecord();
        var now = TimeSpan.FromHours(1);
        var rests = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            record.Outstayed(now);
            var rest = TimeSpan.Zero;
            while (!record.MayCome(now + rest)) { rest += TimeSpan.FromSeconds(0.5); }
            rests.Add(rest.TotalSeconds);
            now += rest;
        }
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60], rests);
    }

    [Fact]
    public void A_reader_that_leaves_in_time_again_and_again_is_forgiven()
    {
        var record = new GuestRecord();
        for (var i = 0; i < 8; i++) { record.Outstayed(TimeSpan.Zero); }
        var now = TimeSpan.FromHours(1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(record.MayCome(now));
            record.Left(now, now);
            now += TimeSpan.FromMilliseconds(1);
        }
        record.Outstayed(now);
        Assert.True(record.MayCome(now + TimeSpan.FromSeconds(0.5)));
    }
}
