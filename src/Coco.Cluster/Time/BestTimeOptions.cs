namespace Coco.Cluster.Time;

/// <summary>How <see cref="BestTime"/> weighs what it is told.</summary>
internal sealed record BestTimeOptions
{
    /// <summary>How far two witnesses may differ and still agree. From 0 to 1 day, default 10 min: clocks nobody set by hand.</summary>
    public TimeSpan Tolerance { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(10);

    /// <summary>Signers whose latest claim is kept. From 2 to 65,536, default 1,024; a claim of the owner or a control plane makes room.</summary>
    public int MaxIssuers { get; init => field = Guard.InRange(value, 2, 65_536); } = 1_024;

    /// <summary>After how much progress the claims are written again. From 1 min to 1 day, default 1 h: what a restart can lose, its own length aside.</summary>
    public TimeSpan PersistEvery { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)); } = TimeSpan.FromHours(1);
}
