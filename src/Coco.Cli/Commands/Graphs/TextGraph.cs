using System.Globalization;
using System.Text;
using Coco.Cli.Api;

namespace Coco.Cli.Commands.Graphs;

/// <summary>The graph as a tree of text; links that are no branches stand behind the name.</summary>
internal static class TextGraph
{
    public static string Write(GraphView graph)
    {
        var tree = new GraphTree(graph);
        var text = new StringBuilder();
        text.Append($"{tree.NameOf(graph.Self)} (this node{(PassesOn(tree, graph.Self) ? "" : ", passes nothing on")})\n");
        WriteChildren(text, tree, graph.Self, "");
        foreach (var node in tree.Apart) { text.Append($"{tree.NameOf(node.Id)}: {(node.Reachable ? "reachable, its links are not known here" : "out of reach")}\n"); }
        return text.ToString();
    }

    private static bool PassesOn(GraphTree tree, string node) => tree.Nodes.GetValueOrDefault(node) is not { Forwards: false };

    private static void WriteChildren(StringBuilder text, GraphTree tree, string node, string indent)
    {
        var children = tree.LinksOf(node).Where(link => tree.Parents.GetValueOrDefault(link.To) == node).ToArray();
        for (var i = 0; i < children.Length; i++)
        {
            var (child, ms) = children[i];
            var isLast = i == children.Length - 1;
            var others = tree.LinksOf(child).Where(link => link.To != node && tree.Parents.GetValueOrDefault(link.To) != child).Select(link => tree.NameOf(link.To)).ToArray();
            text.Append($"{indent}{(isLast ? "└─ " : "├─ ")}{tree.NameOf(child)}  {ms.ToString("0.#", CultureInfo.InvariantCulture)} ms")
                .Append(PassesOn(tree, child) ? "" : "  passes nothing on")
                .Append(others.Length > 0 ? $"  also linked with {string.Join(", ", others)}\n" : "\n");
            WriteChildren(text, tree, child, indent + (isLast ? "   " : "│  "));
        }
    }
}
