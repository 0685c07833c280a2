using Coco.Cluster.Membership;

namespace Coco.Cluster.Invitations;

/// <summary>What the inviter fixed: the joiner's role and sub-cluster (default: as its app says), and until when the ticket is good.</summary>
/// <param name="Role">Guest or admin.</param>
/// <param name="SubCluster">Where the joiner's node goes; default for the one of its app.</param>
/// <param name="Expiry">In seconds since 1970-01-01 UTC.</param>
public sealed record TicketTerms(Role Role, SubClusterId SubCluster, ulong Expiry)
{
    /// <summary>Labels that policies name. The inviter keeps them; the ticket's text does not show them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
