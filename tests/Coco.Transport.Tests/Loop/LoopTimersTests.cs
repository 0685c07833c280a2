using Coco.Transport.Loop;

namespace Coco.Transport.Tests.Loop;

public sealed class LoopTimersTests
{
    private readonly LoopTimers _timers = new();

    [Fact]
    public void Cancelled_timers_are_let_go_of_at_once()
    {
        var kept = new Counter();
        _timers.Set(kept, Seconds(50));
        for (var i = 0; i < 10_000; i++)
        {
            var cancelled = new Counter();
            _timers.Set(cancelled, Seconds(40));
            _timers.Cancel(cancelled);
        }

        Assert.Equal(1, _timers.Count);
        _timers.Fire(Seconds(60));
        Assert.Equal(1, kept.Fired);
    }

    [Fact]
    public void A_cancelled_timer_fires_again_once_it_is_set_again()
    {
        var timers = Enumerable.Range(0, 500).Select(static _ => new Counter()).ToArray();
        foreach (var timer in timers) { _timers.Set(timer, Seconds(40)); }
        foreach (var timer in timers) { _timers.Cancel(timer); }
        foreach (var timer in timers.Where((_, index) => index % 2 == 0)) { _timers.Set(timer, Seconds(45)); }

        _timers.Fire(Seconds(44));
        Assert.All(timers, static timer => Assert.Equal(0, timer.Fired));
        _timers.Fire(Seconds(46));
        Assert.Equal(250, timers.Sum(static timer => timer.Fired));
        Assert.Equal(TimeSpan.MaxValue, _timers.Earliest);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private sealed class Counter : LoopTimer
    {
        public int Fired { get; private set; }

        public override void Fire(TimeSpan now) => Fired++;
    }
}
