using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>How one identity of an endpoint's is reached.</summary>
public sealed record IdentityOptions
{
    /// <summary>Relays of which it stays connected to two, so that peers reach it where they cannot reach it directly; none when empty. Default
    /// null: those of <see cref="TransportOptions.Relays"/>.</summary>
    public IReadOnlyList<RelayInfo>? Relays { get; init; }

    /// <summary>The longest silence that its connections to peers are left in, so that one whose peer has gone is noticed sooner. Paths that need
    /// it are used more often in any case: every 10 to 80 s, as is learnt of the NAT. From 10 s to 80 s, default 80 s.</summary>
    public TimeSpan MaxKeepAlive
    {
        get;
        init => field = CheckKeepAlive(value, KeepAliveLearner.Longest);
    } = KeepAliveLearner.Longest;

    internal static TimeSpan CheckKeepAlive(TimeSpan value, TimeSpan longest) => value >= KeepAliveLearner.Shortest && value <= longest
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The silence must be from {KeepAliveLearner.Shortest} to {longest}.");
}
