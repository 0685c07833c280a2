namespace Coco.Media;

/// <summary>
/// How the time of a stream compares with this node's: of all questions that were answered, the one with the shortest round trip says it best, since
/// half of that is what it may be wrong by. A newer one counts as soon as it is no worse than the drift of clocks since the best. A path that takes as
/// long there as back when nothing waits on it makes up for its shortest round trip, so that only what was waited beyond that is in doubt.
/// </summary>
internal sealed class StreamClock
{
    // Chosen: quartz drifts less than 100 ppm; ten times that leaves room for clocks that are being set right.
    private const double Drift = 0.001;

    private TimeSpan _offset;
    private TimeSpan _uncertainty = TimeSpan.MaxValue;
    private TimeSpan _at;

    /// <summary>How far the stream's time may be beyond what it is taken for.</summary>
    public TimeSpan Error { get; private set; }

    public bool IsSet => _uncertainty < TimeSpan.MaxValue;

    /// <summary>An answer, which was asked for at <paramref name="asked"/>, over a path whose shortest round trip is known, or 0.</summary>
    public void Handle(TimeSpan asked, TimeSpan now, TimeSpan streamTime, TimeSpan shortest)
    {
        var uncertainty = (now - asked) / 2;
        if (uncertainty < TimeSpan.Zero || (IsSet && uncertainty > _uncertainty + ((now - _at) * Drift))) { return; }
        (_offset, _uncertainty, _at) = (streamTime - (asked + uncertainty), uncertainty, now);
        Error = uncertainty > shortest / 2 ? uncertainty - (shortest / 2) : TimeSpan.Zero;
    }

    /// <summary>Somebody else is asked from now on: what the one before said does not count.</summary>
    public void Forget() => _uncertainty = TimeSpan.MaxValue;

    /// <summary>The stream's time now.</summary>
    public TimeSpan StreamTime(TimeSpan now) => now + _offset;

    /// <summary>When the stream's time was, or will be, such.</summary>
    public TimeSpan LocalTime(TimeSpan streamTime) => streamTime - _offset;
}
