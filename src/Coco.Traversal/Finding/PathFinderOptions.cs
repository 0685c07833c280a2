namespace Coco.Traversal.Finding;

/// <summary>How direct paths are looked for and chosen. The defaults are chosen by us; where measured, it says so.</summary>
internal sealed record PathFinderOptions
{
    public static PathFinderOptions Default { get; } = new();

    public PathPolicy Policy { get; init; } = PathPolicy.Default;

    /// <summary>Routers that a punch's first packet may pass. It has to leave the nearest NAT and must not arrive at the peer's before the peer has
    /// sent: some then take the 5-tuple for themselves. From 1 to 16, default 2: the peer's NAT may be the third router, for two
    /// subscribers of one provider; a carrier's NAT beyond two routers drops what it does not expect, and needs no such care.</summary>
    public byte OpenerHopLimit { get; init => field = (byte)Guard.InRange(value, 1, 16); } = 2;

    /// <summary>How long one round of simultaneous sending lasts. Default 3 s: pairs that work did so in 120 ms plus round trips.</summary>
    public TimeSpan PunchBudget { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The same, beside two round trips, where birthday punching can follow. Default 800 ms: the first six probes of each side.</summary>
    public TimeSpan ShortPunchBudget { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Wait for the peer to say that it has sent its first packets too. Default 1 s, longer than most relays' round trip.</summary>
    public TimeSpan PunchReplyWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes sent after the first success, so that the other side's filter is surely open. From 1 to 8, default 3 (measured).</summary>
    public int ConfirmingProbes { get; init => field = Guard.InRange(value, 1, 8); } = 3;

    /// <summary>Probes per minute to all addresses together that never answered. From 16 to 4,096, default 512: one round to 32 addresses and some.</summary>
    public int SilentProbesPerMinute { get; init => field = Guard.InRange(value, 16, 4096); } = 512;

    /// <summary>Probes per minute to one address that never answered. From 4 to 256, default 24: two rounds.</summary>
    public int SilentProbesPerAddress { get; init => field = Guard.InRange(value, 4, 256); } = 24;

    /// <summary>Private addresses outside our own networks that are tried of one list of the peer's. From 0 to 32, default 8.</summary>
    public int MaxForeignPrivate { get; init => field = Guard.InRange(value, 0, 32); } = 8;

    /// <summary>Ports guessed behind the last one of a dependent mapping. From 0 to 16, default 8 (three were enough without other traffic).</summary>
    public int PredictedPorts { get; init => field = Guard.InRange(value, 0, 16); } = 8;

    /// <summary>Whether this node takes part in birthday punching. Default true.</summary>
    public bool AllowsBirthday { get; init; } = true;

    /// <summary>Sockets opened by the side with the dependent mapping. From 16 to 256, default 256.</summary>
    public int BirthdaySockets { get; init => field = Guard.InRange(value, 16, 256); } = 256;

    /// <summary>Probes to random ports in one attempt. From 256 to 16,384, default 3,000: success with 99.999 % on paper.</summary>
    public int BirthdayProbes { get; init => field = Guard.InRange(value, 256, 16_384); } = 3000;

    /// <summary>Probes to random ports per second. From 10 to 1,000, default 200 (measured: median 1.4 s, worst 5.9 s).</summary>
    public int BirthdayProbesPerSecond { get; init => field = Guard.InRange(value, 10, 1000); } = 200;

    /// <summary>How long one attempt lasts. Default 15 s.</summary>
    public TimeSpan BirthdayBudget { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Wait after the first attempt; it doubles with each. Default 1 min.</summary>
    public TimeSpan BirthdayBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long TCP is tried. Default 8 s: three SYNs.</summary>
    public TimeSpan TcpBudget { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>TCP connections tried at once. From 0 (none) to 16, default 8.</summary>
    public int MaxTcpAttempts { get; init => field = Guard.InRange(value, 0, 16); } = 8;

    /// <summary>First and longest wait before a better path is looked for again. Default 15 s and 5 min.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="FirstRetry"/>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two moves to a path that is merely better. Default 10 s.</summary>
    public TimeSpan VoluntaryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a path that is neither in use nor on standby is kept. Default 10 s.</summary>
    public TimeSpan SpareLifetime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which the path in use may have died unseen. Default 30 s.</summary>
    public TimeSpan LongSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Paths of all states remembered at once. From 16 to 256, default 96.</summary>
    public int MaxPaths { get; init => field = Guard.InRange(value, 16, 256); } = 96;
}
