using Coco.Traversal.Relays;

namespace Coco.Transport.Netcheck;

/// <summary>Whether and how a relay is reached.</summary>
/// <param name="Relay">The relay.</param>
/// <param name="Attempts">Every way to it, by kind and in the order of its addresses.</param>
public sealed record RelayCheck(RelayInfo Relay, IReadOnlyList<RelayAttempt> Attempts)
{
    /// <summary>The way that would be used: the first kind that works, and of that the fastest; null when none does.</summary>
    public RelayAttempt? Best => Attempts.Where(attempt => attempt.IsReached).OrderBy(attempt => attempt.Transport).ThenBy(attempt => attempt.Latency).FirstOrDefault();

    /// <summary>Whether it is reached over a kind; null when it has no address of that kind.</summary>
    public bool? IsReachedBy(RelayTransport transport)
    {
        var ways = Attempts.Where(attempt => attempt.Transport == transport).ToArray();
        return ways.Length == 0 ? null : Array.Exists(ways, attempt => attempt.IsReached);
    }
}
