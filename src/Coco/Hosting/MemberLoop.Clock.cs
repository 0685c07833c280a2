namespace Coco.Hosting;

/// <content>
/// The machine's clock, which is followed: it may be set after the start, by hand or by the network, and what the member makes of it depends on what others say meanwhile.
/// </content>
internal sealed partial class MemberLoop
{
    // Chosen: a node whose time is not sure refuses what it might allow; one whose time is sure loses nothing by five minutes.
    private static readonly TimeSpan UnsureClock = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SureClock = TimeSpan.FromMinutes(5);

    // What clock and uptime may differ by between two looks without anybody having set the clock.
    private static readonly TimeSpan ClockDrift = TimeSpan.FromSeconds(2);

    private TimeSpan _clockAt = UnsureClock;
    private TimeSpan _clockStart; // what the clock showed when the uptime was 0

    private void LookAtClock(TimeSpan now)
    {
        var unix = TimeSpan.FromSeconds(Math.Max(0, _options.TimeProvider.GetUtcNow().ToUnixTimeSeconds()));
        var isSure = _member.Time(now).IsTrusted;
        if (!isSure || (unix - now - _clockStart).Duration() > ClockDrift) { _member.HandleClock((ulong)unix.TotalSeconds, _options.TrustsClock, now); }
        _clockStart = unix - now;
        _clockAt = now + (_member.Time(now).IsTrusted ? SureClock : UnsureClock);
    }
}
