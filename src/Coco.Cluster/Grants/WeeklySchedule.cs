using NodaTime;

namespace Coco.Cluster.Grants;

/// <summary>
/// When in the week something is granted, by the wall clock of an IANA time zone. It is open when a clock on the wall there shows a time in
/// one of the windows: what is skipped in spring is not made up for, and what comes twice in autumn is open twice.
/// </summary>
public sealed class WeeklySchedule
{
    /// <summary>Windows a schedule may have.</summary>
    public const int MaxWindows = 32;

    /// <summary>Characters the name of a time zone may have.</summary>
    public const int MaxZoneLength = 64;

    /// <summary>A schedule of 1 to <see cref="MaxWindows"/> windows.</summary>
    public WeeklySchedule(string zone, IReadOnlyList<ScheduleWindow> windows)
    {
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentNullException.ThrowIfNull(windows);
        if (!IsValid(zone, windows)) { throw new ArgumentException($"A schedule has a zone and 1 to {MaxWindows} windows within a day."); }
        (Zone, Windows) = (zone, [.. windows]);
    }

    /// <summary>The time zone, such as Europe/Berlin.</summary>
    public string Zone { get; }

    /// <summary>When it is open.</summary>
    public IReadOnlyList<ScheduleWindow> Windows { get; }

    /// <summary>Whether this node's database of time zones has the zone. Without it the schedule is never open.</summary>
    public bool IsZoneKnown => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) is not null;

    /// <summary>Whether it is open at a time in seconds since 1970-01-01 UTC.</summary>
    public bool IsOpen(ulong unixSeconds)
    {
        // The last day of the calendar, in the year 9999, has no room for a zone ahead of UTC.
        if (unixSeconds > (ulong)Instant.MaxValue.ToUnixTimeSeconds() - 86_400) { return false; }
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) is not { } zone) { return false; }
        var local = Instant.FromUnixTimeSeconds((long)unixSeconds).InZone(zone).LocalDateTime;
        var (day, minute) = ((int)local.DayOfWeek - 1, (local.Hour * 60) + local.Minute);
        return Windows.Any(window => window.Contains(day, minute));
    }

    internal static bool IsValid(string zone, IReadOnlyList<ScheduleWindow> windows) =>
        zone.Length is > 0 and <= MaxZoneLength && zone.All(character => char.IsAsciiLetterOrDigit(character) || "/_+-".Contains(character))
        && windows.Count is > 0 and <= MaxWindows && windows.All(window => window.IsValid);
}
