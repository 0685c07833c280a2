namespace Coco.Cluster.Invitations;

/// <summary>Patience and limits of a <see cref="Joiner"/>.</summary>
internal sealed record JoinerOptions
{
    /// <summary>How long a sponsor may take, from the call to the last statement. From 1 s to 10 min, default 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the next call after the sponsors have all been tried; it doubles up to 16 times itself. From 0.1 s to 1 min, default 1 s.</summary>
    public TimeSpan FirstPause { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>When to give up. From 1 s to 1 day, default 2 min.</summary>
    public TimeSpan GiveUpAfter { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(2);

    /// <summary>Statements taken from a sponsor. From 1 to 1,048,576, default 65,536.</summary>
    public int MaxStatements { get; init => field = Guard.InRange(value, 1, 1_048_576); } = 65_536;

    /// <summary>Bytes of them. From 64 KiB to 1 GiB, default 16 MiB.</summary>
    public int MaxStatementBytes { get; init => field = Guard.InRange(value, 65_536, 1 << 30); } = 16 << 20;
}
