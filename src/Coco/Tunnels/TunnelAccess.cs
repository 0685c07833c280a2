using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>
/// Who may use one published service, of those whom the network's policy lets: the named nodes, and all nodes of users with a named role. It can
/// only take away from what the policy gives; the owner may use every service.
/// </summary>
public sealed record TunnelAccess
{
    /// <summary>Nodes that may.</summary>
    public IReadOnlyList<NodeId> Nodes { get; init; } = [];

    /// <summary>Roles whose nodes may.</summary>
    public IReadOnlyList<Role> Roles { get; init; } = [];

    internal bool Allows(NodeId node, Role role) => role is Role.Owner || Nodes.Contains(node) || Roles.Contains(role is Role.None ? Role.Guest : role);
}
