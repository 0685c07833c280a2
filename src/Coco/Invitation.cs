using Coco.Cluster;
using Coco.Cluster.Membership;

namespace Coco;

/// <summary>What somebody who is invited will be.</summary>
public sealed record Invitation
{
    /// <summary>The role of the newcomer's user. Default <see cref="Role.Guest"/>.</summary>
    public Role Role { get; init; } = Role.Guest;

    /// <summary>The sub-cluster of the newcomer's node. Default: its app's, the core for a device.</summary>
    public SubClusterId SubCluster { get; init; }

    /// <summary>Labels of the newcomer's node that policies name, such as "server": at most 16, each of 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.
    /// Default none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How long the ticket is good. From 1 minute to 365 days, default 1 day.</summary>
    public TimeSpan Lifetime
    {
        get;
        init => field = value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(365)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The lifetime must be from 1 minute to 365 days.");
    } = TimeSpan.FromDays(1);
}
