namespace Coco.Transport.Network;

/// <summary>
/// Notices that the machine slept: wall clock and monotonic clock drift apart where the latter stands still (Linux, macOS), or both
/// jump where it does not (Windows). A clock that is set looks the same, which costs a look at the network and nothing else.
/// </summary>
internal sealed class SleepDetector(TimeProvider time)
{
    // Chosen: above what a busy machine delays a timer by, below the shortest sleep after which a network may be gone.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(3);

    private long _timestamp = time.GetTimestamp();
    private DateTimeOffset _wall = time.GetUtcNow();

    /// <summary>Call it every <paramref name="interval"/>. True when there was a sleep since the last time.</summary>
    public bool Observe(TimeSpan interval)
    {
        var (timestamp, wall) = (time.GetTimestamp(), time.GetUtcNow());
        var monotonic = time.GetElapsedTime(_timestamp, timestamp);
        var passed = wall - _wall;
        (_timestamp, _wall) = (timestamp, wall);
        return (passed - monotonic).Duration() > Tolerance || monotonic > interval + Tolerance;
    }
}
