namespace Coco.Transport.Loop;

/// <summary>
/// How one reader has behaved as a guest of the endpoint's thread, and so when it may be one again. It has a small share of the thread's time whatever it
/// does, by a leaky bucket; one that another thread had to stand in for, because it blocked, rests longer each time.
/// </summary>
internal sealed class GuestRecord
{
    // Chosen: a reader has a ninth of the time at most. What is preempted for some milliseconds is back after some dozen messages at 1,000 a second.
    private const int Share = 9;

    // Chosen: some messages in a row, of the few microseconds each that most take.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(1);

    // Chosen: a stay that is ended costs everybody else some milliseconds. So that is a hundredth of the time at first, and nothing soon.
    private const long FirstPause = 500 * TimeSpan.TicksPerMillisecond;
    private const long LongestPause = TimeSpan.TicksPerMinute;
    private const int StaysToForget = 64; // in which the pause falls to a third

    private long _pause = FirstPause;
    private long _paidBy; // when it has had its share; written by the thread that hosts, and by the one that takes over from it

    /// <summary>Whether it may be a guest now; else it is the pool's.</summary>
    public bool MayCome(TimeSpan now) => (now + Burst).Ticks >= Volatile.Read(ref _paidBy);

    /// <summary>It has gone on, and left by itself.</summary>
    public void Left(TimeSpan came, TimeSpan now)
    {
        _pause = Math.Max(FirstPause, _pause - (_pause / StaysToForget));
        Volatile.Write(ref _paidBy, Math.Max(_paidBy, came.Ticks) + ((now - came).Ticks * Share));
    }

    /// <summary>It did not leave, and others could not wait.</summary>
    public void Outstayed(TimeSpan now)
    {
        Volatile.Write(ref _paidBy, (now + Burst).Ticks + _pause);
        _pause = Math.Min(LongestPause, _pause * 2);
    }
}
