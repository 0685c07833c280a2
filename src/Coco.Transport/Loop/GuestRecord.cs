namespace Coco.Transport.Loop;

/// <summary>
/// How one reader has behaved as a guest of the endpoint's thread, and so when it may be one again. It rests after each stay, so that it has a small share of
/// the thread's time whatever it does; one that another thread had to stand in for, because it blocked, rests longer each time.
/// </summary>
internal sealed class GuestRecord
{
    // Chosen: a reader has a ninth of the time at most. What is preempted for some milliseconds is back after some dozen messages at 1,000 a second.
    private const int RestsPerStay = 8;

    // Chosen: a stay that is ended costs everybody else some milliseconds. So that is a hundredth of the time at first, and nothing soon.
    private const long FirstPause = 500 * TimeSpan.TicksPerMillisecond;
    private const long LongestPause = TimeSpan.TicksPerMinute;
    private const int StaysToForget = 64; // in which the pause falls to a third

    private long _pause = FirstPause;
    private long _restsUntil; // written by the thread that hosts, and by the one that takes over from it

    /// <summary>Whether it may be a guest now; else it is the pool's.</summary>
    public bool MayCome(TimeSpan now) => now.Ticks >= Volatile.Read(ref _restsUntil);

    /// <summary>It has gone on, and left by itself.</summary>
    public void Left(TimeSpan came, TimeSpan now)
    {
        _pause = Math.Max(FirstPause, _pause - (_pause / StaysToForget));
        Volatile.Write(ref _restsUntil, now.Ticks + ((now - came).Ticks * RestsPerStay));
    }

    /// <summary>It did not leave, and others could not wait.</summary>
    public void Outstayed(TimeSpan now)
    {
        Volatile.Write(ref _restsUntil, now.Ticks + _pause);
        _pause = Math.Min(LongestPause, _pause * 2);
    }
}
