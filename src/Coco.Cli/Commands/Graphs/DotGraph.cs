using System.Globalization;
using System.Text;
using Coco.Cli.Api;

namespace Coco.Cli.Commands.Graphs;

/// <summary>The graph in Graphviz' language.</summary>
internal static class DotGraph
{
    public static string Write(GraphView graph)
    {
        var text = new StringBuilder($"graph {Quote(graph.Network)} {{\n  node [shape=box, style=rounded];\n");
        foreach (var node in graph.Nodes)
        {
            var name = node.Name.Length > 0 ? node.Name : Tables.Short(node.Id);
            var style = node.Id == graph.Self ? ", style=\"rounded,bold\"" : node.Reachable ? "" : ", style=\"rounded,dashed\"";
            text.Append($"  {Quote(node.Id)} [label={Quote(name)}{style}];\n");
        }
        foreach (var link in graph.Links)
        {
            text.Append($"  {Quote(link.From)} -- {Quote(link.To)} [label={Quote(link.RoundTripMs.ToString("0.#", CultureInfo.InvariantCulture) + " ms")}];\n");
        }
        return text.Append("}\n").ToString();
    }

    // In quotes only quotes and backslashes mean something, and line ends are none of a name's.
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ")}\"";
}
