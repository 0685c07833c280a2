using System.Collections.Immutable;
using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;

namespace Coco.Hosting;

/// <summary>What a node knows of its network at one moment.</summary>
internal sealed record NodeView(string Network, NodeId Self, UserId User, Role Role, IReadOnlyList<MemberInfo> Members, GraphSnapshot Snapshot, Policy Policy, bool IsRemoved = false)
{
    private NodeGraph? _graph;
    private IReadOnlyDictionary<NodeId, MemberInfo>? _byId;

    /// <summary>All nodes that were ever removed.</summary>
    public IReadOnlyDictionary<NodeId, Place> Revoked { get; init; } = ImmutableDictionary<NodeId, Place>.Empty;

    /// <summary>The members, by their identities. Made when it is first asked for: of the many views of a network that starts, few are.</summary>
    public IReadOnlyDictionary<NodeId, MemberInfo> ById => Volatile.Read(ref _byId) ?? MapMembers();

    public string Name => Members.FirstOrDefault(member => member.Id == Self)?.Name ?? "";

    /// <summary>Made when it is first asked for.</summary>
    public NodeGraph Graph => Volatile.Read(ref _graph) ?? MakeGraph();

    public static NodeView Of(NetworkMember member) =>
        new(member.State.Name, member.Self, member.Keys.UserId, member.State.RoleOf(member.Keys.UserId), member.Members, new(member.Mesh.Graph, member.Forwards), member.PolicyNow) { Revoked = member.State.Facts.RevokedNodes };

    private IReadOnlyDictionary<NodeId, MemberInfo> MapMembers()
    {
        var made = Members.ToDictionary(static member => member.Id);
        return Interlocked.CompareExchange(ref _byId, made, null) ?? made;
    }

    private NodeGraph MakeGraph()
    {
        var nodes = Snapshot.Nodes.Select(node => new GraphMember(node.Id, ById.GetValueOrDefault(node.Id)?.Name ?? "", node.IsReachable, node.Hops) { Forwards = node.Forwards });
        var graph = new NodeGraph([.. nodes], Snapshot.Links);
        return Interlocked.CompareExchange(ref _graph, graph, null) ?? graph;
    }
}
