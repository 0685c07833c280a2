using Coco.Crypto;

namespace Coco.Cluster.Time;

/// <summary>
/// The latest time a signer has signed. Held as what the claim would have been when the host started, so that all claims grow together
/// as time passes, and which of two is ahead never changes by itself. <paramref name="Confirmed"/> is how far the machine's own clock has
/// ever confirmed it, below everything for not at all. The default issuer is the machine, for times when the host vouched for its clock.
/// </summary>
internal readonly record struct TimeClaim(NodeId Issuer, long AtStart, long Confirmed, bool IsLive)
{
    public const long Unconfirmed = long.MinValue / 4;

    public TimeClaim Shift(long seconds) =>
        this with { AtStart = AtStart + seconds, Confirmed = Confirmed == Unconfirmed ? Unconfirmed : Confirmed + seconds };
}
