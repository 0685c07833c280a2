using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>What became known, for the host.</summary>
internal abstract record MembershipEvent
{
    private MembershipEvent() { }

    /// <summary>A statement was added; it is to be kept and passed on.</summary>
    internal sealed record StatementAdded(Statement Statement) : MembershipEvent;

    /// <summary>The state is another one.</summary>
    internal sealed record StateChanged(NetworkState State) : MembershipEvent;

    /// <summary>A key signed two statements in one place of its chain, which proves that it cheats or is in two hands.</summary>
    internal sealed record Equivocation(NodeId Issuer, Statement One, Statement Other) : MembershipEvent;

    /// <summary>A user lost membership, and all nodes of the user.</summary>
    internal sealed record UserRevoked(UserId User) : MembershipEvent;

    /// <summary>A node lost membership.</summary>
    internal sealed record NodeRevoked(NodeId Node) : MembershipEvent;

    /// <summary>Somebody else owns the network.</summary>
    internal sealed record OwnerChanged(UserId Owner) : MembershipEvent;
}
