using Coco.Cluster;
using Coco.Cluster.Graph;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Hosting;

/// <summary>What a node knows of its network at one moment.</summary>
internal sealed record NodeView(string Network, NodeId Self, UserId User, Role Role, IReadOnlyList<MemberInfo> Members, NodeGraph Graph, bool IsRemoved = false)
{
    public string Name => Members.FirstOrDefault(member => member.Id == Self)?.Name ?? "";

    public static NodeView Of(NetworkMember member)
    {
        var members = member.Members;
        return new(member.State.Name, member.Self, member.Keys.UserId, member.State.RoleOf(member.Keys.UserId), members, GraphOf(member.Mesh.Graph, members));
    }

    private static NodeGraph GraphOf(NetworkGraph graph, IReadOnlyList<MemberInfo> members)
    {
        var names = members.ToDictionary(static member => member.Id, static member => member.Name);
        var nodes = new List<GraphMember>();
        var links = new List<GraphLink>();
        for (var slot = 0; slot < graph.SlotCount; slot++)
        {
            ref var node = ref graph[slot];
            if (node.Id.IsDefault) { continue; }
            nodes.Add(new(node.Id, names.GetValueOrDefault(node.Id, ""), node.Reachable, node.Reachable ? node.Way.Hops : 0));
            for (var entry = node.Entries; entry is not null; entry = entry.Next) { AddLinks(graph, node.Id, entry.Advertisement, links); }
        }
        return new(nodes, [.. links.DistinctBy(static link => (link.From, link.To))]);
    }

    private static void AddLinks(NetworkGraph graph, NodeId from, Advertisement advertisement, List<GraphLink> links)
    {
        for (var i = 0; i < advertisement.LinkCount; i++)
        {
            var link = advertisement.LinkAt(i);
            var slot = graph.SlotOf(link.Neighbour);
            if (slot >= 0) { links.Add(new(from, graph[slot].Id, TimeSpan.FromMilliseconds(link.Cost))); }
        }
    }
}
