using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Who is linked with whom.</summary>
internal static class GraphEndpoints
{
    public static void Map(ApiRoutes routes) => routes.Get("/v1/graph", static call =>
    {
        var held = call.Network();
        var graph = held.Node.Graph;
        var said = graph.Links.Select(static link => (link.From, link.To)).ToHashSet();
        return Task.FromResult(new GraphView(
            held.NetworkName, $"{held.Node.Id}",
            [.. graph.Nodes.Select(node => new GraphNodeView(
                $"{node.Id}", node.Id == held.Node.Id ? held.Node.Name : node.Name, node.IsReachable || node.Id == held.Node.Id, node.Hops, node.Forwards))],
            [.. graph.Links.Where(link => link.From < link.To && said.Contains((link.To, link.From)))
                .Select(static link => new GraphLinkView($"{link.From}", $"{link.To}", link.RoundTripTime.TotalMilliseconds))]));
    });
}
