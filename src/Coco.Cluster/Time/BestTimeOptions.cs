namespace Coco.Cluster.Time;

/// <summary>How <see cref="BestTime"/> weighs what it is told.</summary>
internal sealed record BestTimeOptions
{
    /// <summary>How far two witnesses may differ and still agree. From 0 to 1 day, default 10 min: clocks nobody set by hand.</summary>
    public TimeSpan Tolerance { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(10);

    /// <summary>How far a machine's clock may be behind best-known time for its host to vouch for it. From 1 min to 30 days, default 1 day: what a clock that nobody sets
    /// falls behind in years.</summary>
    public TimeSpan MaxBehind { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)); } = TimeSpan.FromDays(1);

    /// <summary>How far it may be ahead. From 1 day to 100 years, default 2 years: so long a network may be off. Beyond, somebody else has to say so first, as
    /// what an owner signs is believed for ever.</summary>
    public TimeSpan MaxAhead { get; init => field = Guard.InRange(value, TimeSpan.FromDays(1), TimeSpan.FromDays(36_525)); } = TimeSpan.FromDays(730);

    /// <summary>After which uptime what is limited in time lapses where the time is not known for sure. From 1 min to 10 years, default 24 h.</summary>
    public TimeSpan LapseAfter { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3653)); } = TimeSpan.FromHours(24);

    /// <summary>Signers whose latest claim is kept. From 2 to 65,536, default 1,024; a claim of the owner or a control plane makes room.</summary>
    public int MaxIssuers { get; init => field = Guard.InRange(value, 2, 65_536); } = 1_024;

    /// <summary>After how much progress the claims are written again. From 1 min to 1 day, default 1 h: what a restart can lose, its own length aside.</summary>
    public TimeSpan PersistEvery { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);
}
