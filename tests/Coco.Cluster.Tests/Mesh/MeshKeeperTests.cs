using Coco.Cluster.Graph;

namespace Coco.Cluster.Tests.Mesh;

public sealed class MeshKeeperTests
{
    [Fact]
    public void A_core_node_keeps_any_number_of_sub_clusters_one_after_the_other()
    {
        var pair = new MeshPair(isCore: true);
        pair.Node.SetContacts([], pair.Now);
        for (var i = 0; i < 600; i++)
        {
            var member = pair.NewKey();
            pair.Homes.Add(member.Id, new($"app-{i}"));
            pair.Connect(member);
            pair.Node.HandleTimeout(pair.Now);
            Assert.Contains(ScopeId.Of(new($"app-{i}")), pair.Node.OwnScopes);
            pair.Node.HandlePeerDown(member.Id, pair.Now);

            // Nobody is left of it, which the node sees, and a little later believes.
            for (var step = 0; step < 3; step++)
            {
                pair.Now += TimeSpan.FromSeconds(20);
                pair.Node.HandleTimeout(pair.Now);
            }
            Assert.Equal([ScopeId.Core, ScopeId.Attachments], pair.Node.OwnScopes);
        }
    }

    [Fact]
    public void The_index_of_a_closed_scope_serves_another_that_begins_empty()
    {
        var graph = new NetworkGraph(new MeshDice(1).NodeId(), new(), new());
        var (node, other) = (new MeshDice(2).NodeId(), ScopeId.Of(new("other")));
        var first = (byte)graph.AddScope(MeshPair.Scope);
        graph.Put(graph.Intern(node, TimeSpan.Zero), first, Advertisement.Sign(new CheapSeal(node), node, MeshPair.Scope, 1, default, 60, []));

        graph.RemoveScope(first);

        Assert.Equal(-1, graph.ScopeIndexOf(MeshPair.Scope));
        Assert.Equal(first, graph.AddScope(other));
        Assert.Equal((0, UInt128.Zero, -1), (graph.Scopes[first].Count, graph.Scopes[first].Sum, graph.SlotOf(node)));
        for (var i = graph.Scopes.Count; i < NetworkGraph.MaxScopes; i++) { Assert.Equal(i, graph.AddScope(ScopeId.Of(new($"app-{i}")))); }
        Assert.Equal(-1, graph.AddScope(ScopeId.Of(new("too-many"))));
    }
}
