namespace Coco.Traversal.Relays;

/// <summary>When a node tries its relays again and when it changes its home.</summary>
internal sealed record RelayHomesOptions
{
    /// <summary>Relays kept: the home, and a warm second where 2. From 0 to 2, default 2.</summary>
    public int Count { get; init => field = Guard.InRange(value, 0, 2); } = 2;

    /// <summary>The wait after a first failure; it doubles with each. From 100 milliseconds to 1 minute, default 1 second.</summary>
    public TimeSpan FirstWait { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)); } =
        TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. From 1 second to 1 hour, default 1 minute.</summary>
    public TimeSpan LongestWait { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } =
        TimeSpan.FromMinutes(1);

    /// <summary>The wait at least before registering again where the same identity registered after us, and where the relay's rules refuse
    /// us. From 1 second to 1 day, default 1 minute.</summary>
    public TimeSpan LeastHold { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)); } =
        TimeSpan.FromMinutes(1);

    /// <summary>Measurements in a row that have to show another relay at less than two thirds of the home's latency. From 1 to 100, default 3.</summary>
    public int Measurements { get; init => field = Guard.InRange(value, 1, 100); } = 3;
}
