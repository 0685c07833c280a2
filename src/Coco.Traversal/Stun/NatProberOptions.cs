namespace Coco.Traversal.Stun;

/// <summary>How often and how patiently the NAT is looked at.</summary>
internal sealed record NatProberOptions
{
    /// <summary>From one look to the next, from 10 s to 1 day, default 5 minutes.</summary>
    public TimeSpan Interval
    {
        get;
        init => field = Guard.InRange(value, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
    } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// From a look that nobody answered to the next, doubled each time up to <see cref="Interval"/>; from 1 s to 1 hour, default 15 s.
    /// </summary>
    public TimeSpan BlockedInterval
    {
        get;
        init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    } = TimeSpan.FromSeconds(15);

    /// <summary>Observers asked in each family, from 1 to 16, default 4: three can outvote one that lies.</summary>
    public int MaxObservers { get; init => field = Guard.InRange(value, 1, 16); } = 4;

    /// <summary>
    /// How requests are repeated. Silence is an answer here (of a filter), so it has to be had soon: three requests in 1.5 s, and given
    /// up after 2.5 s, where RFC 8489 would wait 39.5 s.
    /// </summary>
    public StunClientOptions Client { get; init; } = new() { MaxRequests = 3, LastWaitFactor = 2 };
}
