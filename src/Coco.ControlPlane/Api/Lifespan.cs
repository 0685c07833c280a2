namespace Coco.ControlPlane.Api;

/// <summary>What holds for a while, by a clock that may have been ahead when it began.</summary>
internal static class Lifespan
{
    /// <summary>What clocks of instances may differ by. RFC 7519 §4.1.5 leaves it to "no more than a few minutes".</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Whether it begins later than any clock that is right can have said.</summary>
    public static bool IsAhead(DateTimeOffset begins, DateTimeOffset now) => begins - now > Skew;

    /// <summary>Whether it is over, or ends later than anything can that lasts as long.</summary>
    public static bool IsOver(DateTimeOffset ends, TimeSpan lasts, DateTimeOffset now) => now >= ends || IsAhead(ends - lasts, now);
}
