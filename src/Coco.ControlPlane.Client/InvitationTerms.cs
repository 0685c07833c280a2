using Coco.Cluster;
using Coco.Cluster.Membership;

namespace Coco.ControlPlane.Client;

/// <summary>What a newcomer by a link becomes.</summary>
public sealed record InvitationTerms
{
    /// <summary>Guest or admin. Default guest.</summary>
    public Role Role { get; init; } = Role.Guest;

    /// <summary>Where the newcomer's node goes; default for the part of its app.</summary>
    public SubClusterId SubCluster { get; init; }

    /// <summary>How long the link is good. From a minute to 30 days, default a day.</summary>
    public TimeSpan Lifetime
    {
        get;
        init => field = value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(30)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A link is good for a minute to 30 days.");
    } = TimeSpan.FromDays(1);
}
