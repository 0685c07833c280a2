namespace Coco.Cluster.Tests.Graph;

public sealed class RouteTests
{
    private const int Seeds = 50;

    public static TheoryData<string> Shapes => [.. ShapeByName.Keys];

    private static Dictionary<string, GraphWorldShape> ShapeByName { get; } = new()
    {
        ["one sub-cluster"] = new(0, 0, 1, 40, 4, 0, 0),
        ["dense"] = new(8, 5, 4, 8, 5, 3, 0.1),
        ["sparse, in pieces"] = new(8, 2, 4, 8, 2, 3, 0.1),
        ["a core in pieces"] = new(8, 1, 3, 8, 4, 3, 0),
        ["sub-clusters in pieces"] = new(6, 4, 4, 8, 1.5, 3, 0),
        ["a core node keeps all"] = new(3, 1.5, 6, 5, 3, 3, 0.3),
        ["one keeper each"] = new(10, 4, 6, 5, 3, 1, 0.2),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Following_next_hops_ends_at_the_target_and_no_route_is_missing(string shape)
    {
        var routes = 0;
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            var world = new GraphWorld(seed, ShapeByName[shape]);
            foreach (var from in world.Nodes)
            {
                foreach (var to in world.Nodes.Where(to => from != to && (from.IsCore || to.IsCore || to.Scope == from.Scope)))
                {
                    var routed = from.Graph.TryRoute(to.Id, to.Scope, out _);
                    if (routed) { routes += Walk(world, from, to, seed) > 0 ? 1 : 0; }
                    else { Assert.False(world.HasWay(from, to), $"seed {seed}: {from.Index} has no route to {to.Index}"); }
                }
            }
        }
        Assert.True(routes > Seeds * 20, $"{routes} routes tried");
    }

    // As forwarders do: each sees who it is for and the aim, and only who reaches the aim looks further.
    private static int Walk(GraphWorld world, GraphWorld.Node from, GraphWorld.Node to, ulong seed)
    {
        var (here, aim, hops) = (from, from, 0);
        var way = new List<int>();
        for (; here != to; hops++)
        {
            way.Add(here.Index);
            Assert.True(hops < 32, $"seed {seed}: {from.Index} to {to.Index} loops: {string.Join(' ', way)}");
            Assert.True(here.Forwards || here == from, $"seed {seed}: {here.Index} does not forward");
            if (here == aim)
            {
                if (!here.Graph.TryRoute(to.Id, to.Scope, out var whole))
                {
                    // A core node that does not keep a sub-cluster cannot know that a member is cut off; a keeper does, and nobody else would find a way.
                    Assert.True(from.IsCore && !from.Kept.Contains(to.Scope) && !world.HasWay(from, to), $"seed {seed}: {here.Index} has no route to {to.Index} of {from.Index}");
                    return 0;
                }
                aim = world.Nodes.First(node => node.Id == whole.Aim);
            }
            Assert.True(here.Graph.TryRoute(aim.Id, aim.Scope, out var route), $"seed {seed}: {here.Index} has no route to {aim.Index}");
            here = world.Nodes.First(node => node.Id == route.NextHop);
            Assert.True(world.IsLinked(world.Nodes[way[^1]], here));
        }
        return hops;
    }
}
