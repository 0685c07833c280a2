namespace Coco.Cluster.Membership;

/// <summary>How much of a network's statements a node keeps. What is refused here is asked for again after the next snapshot.</summary>
internal sealed record MembershipOptions
{
    /// <summary>Appointments from the owner down to an admin. More is refused.</summary>
    public const int MaxDistance = 32;

    /// <summary>Keys that may have a chain. From 4 to 1,000,000, default 1,024.</summary>
    public int MaxIssuers { get; init => field = Guard.InRange(value, 4, 1_000_000); } = 1024;

    /// <summary>Statements of one issuer; ten times as many of owners. From 4 to 1,000,000, default 4,096.</summary>
    public int MaxStatementsOfIssuer { get; init => field = Guard.InRange(value, 4, 1_000_000); } = 4096;

    /// <summary>Branches of one issuer's chain: two prove that it equivocates. From 2 to 1,024, default 8.</summary>
    public int MaxBranches { get; init => field = Guard.InRange(value, 2, 1024); } = 8;

    /// <summary>
    /// Bytes of all statements: whom the owner appointed may fill three quarters, and those further down half, so that there is always
    /// room to revoke them. From 256 KiB to 4 GiB, default 64 MiB.
    /// </summary>
    public long MaxBytes { get; init => field = Guard.InRange(value, 256L << 10, 4L << 30); } = 64L << 20;

    /// <summary>Statements that wait for others, a quarter of them from unknown issuers. From 4 to 65,536, default 1,024.</summary>
    public int MaxWaiting { get; init => field = Guard.InRange(value, 4, 65_536); } = 1024;

    /// <summary>Events nobody has taken yet, beyond which the oldest is dropped. From 16 to 1,000,000, default 65,536.</summary>
    public int MaxEvents { get; init => field = Guard.InRange(value, 16, 1_000_000); } = 65_536;
}
