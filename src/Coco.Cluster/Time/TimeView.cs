namespace Coco.Cluster.Time;

/// <summary>What time it is as far as this node can know.</summary>
/// <param name="UnixSeconds">Best-known time: it is at least this late. 0 when nothing is known.</param>
/// <param name="IsTrusted">Whether that is the present time, and not merely a time that is past.</param>
/// <param name="Uptime">Time since the host started.</param>
internal sealed record TimeView(ulong UnixSeconds, bool IsTrusted, TimeSpan Uptime)
{
    /// <summary>After which uptime what is limited in time lapses, unless somebody who may has refreshed it or the clock is trusted. The network's policy.</summary>
    public TimeSpan LapseAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Judges a limit in time: from and until in seconds since 1970-01-01 UTC, 0 for no such limit.</summary>
    public TimeVerdict Judge(ulong from, ulong until, bool isScheduled, bool isRefreshed)
    {
        if (from == 0 && until == 0 && !isScheduled) { return TimeVerdict.InForce; }
        if (UnixSeconds == 0) { return TimeVerdict.TimeUnknown; }
        if (until != 0 && UnixSeconds >= until) { return TimeVerdict.Expired; }
        if (UnixSeconds < from) { return TimeVerdict.NotYet; }
        // Best-known time stands still while a device is switched off. Who starts it again and again, cut off from everybody, keeps what
        // ought to have expired for this long at a time.
        var lapses = until != 0 || isScheduled;
        return lapses && !IsTrusted && !isRefreshed && Uptime > LapseAfter ? TimeVerdict.Lapsed : TimeVerdict.InForce;
    }
}
