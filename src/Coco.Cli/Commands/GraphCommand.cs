using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Commands.Graphs;

namespace Coco.Cli.Commands;

/// <summary><c>coco graph</c>: who is linked with whom.</summary>
internal static class GraphCommand
{
    public static Command Make(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        var dot = new Option<bool>("--dot") { Description = "Print it for Graphviz" };
        var svg = new Option<bool>("--svg") { Description = "Print it as an SVG picture" };
        return new Command("graph", "Show who is linked with whom: as a tree, from this node on, or as a picture") { network, dot, svg }
            .WithExamples("coco graph", "coco graph --svg > network.svg", "coco graph --dot | dot -Tpng > network.png")
            .Runs(shell, async invocation =>
            {
                var graph = await invocation.Daemon.GetAsync<GraphView>(Route.To("/v1/graph", ("network", invocation.Get(network))), invocation.Stopping);
                if (invocation.Get(dot)) { invocation.Output.Write(DotGraph.Write(graph)); }
                else if (invocation.Get(svg)) { invocation.Output.Write(SvgGraph.Write(graph)); }
                else { invocation.Print(graph, _ => invocation.Output.Write(TextGraph.Write(graph))); }
            });
    }
}
