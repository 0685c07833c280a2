using System.Globalization;
using System.Net;
using System.Text;
using Coco.Cli.Api;

namespace Coco.Cli.Commands.Graphs;

/// <summary>The graph as a picture: this node in the middle, others on a ring for each hop, those out of reach on the outermost.</summary>
internal static class SvgGraph
{
    private const double RingDistance = 150;
    private const double Margin = 90;

    public static string Write(GraphView graph)
    {
        var tree = new GraphTree(graph);
        var rings = new List<List<string>>(tree.Rings);
        var apart = tree.Apart.Select(static node => node.Id).ToList();
        if (apart.Count > 0) { rings.Add(apart); }
        var places = Place(rings);
        var half = (rings.Count - 1) * RingDistance + Margin;

        var text = new StringBuilder();
        text.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{N(-half)} {N(-half)} {N(2 * half)} {N(2 * half)}\" font-family=\"sans-serif\" font-size=\"14\">\n");
        text.Append($"<title>{Escape(graph.Network)}</title>\n<g stroke=\"#8a8a8a\" stroke-width=\"1.5\">\n");
        foreach (var link in graph.Links)
        {
            if (!places.TryGetValue(link.From, out var from) || !places.TryGetValue(link.To, out var to)) { continue; }
            text.Append($"<line x1=\"{N(from.X)}\" y1=\"{N(from.Y)}\" x2=\"{N(to.X)}\" y2=\"{N(to.Y)}\"><title>{N(link.RoundTripMs)} ms</title></line>\n");
        }
        text.Append("</g>\n<g text-anchor=\"middle\">\n");
        foreach (var (id, place) in places)
        {
            var fill = id == graph.Self ? "#2f6fdf" : tree.Nodes.GetValueOrDefault(id) is { Reachable: false } ? "#b8b8b8" : "#3f9f5f";
            text.Append($"<circle cx=\"{N(place.X)}\" cy=\"{N(place.Y)}\" r=\"10\" fill=\"{fill}\"><title>{Escape(id)}</title></circle>\n");
            text.Append($"<text x=\"{N(place.X)}\" y=\"{N(place.Y + 26)}\">{Escape(tree.NameOf(id))}</text>\n");
        }
        return text.Append("</g>\n</svg>\n").ToString();
    }

    private static Dictionary<string, (double X, double Y)> Place(List<List<string>> rings)
    {
        var places = new Dictionary<string, (double, double)>(StringComparer.Ordinal);
        for (var ring = 0; ring < rings.Count; ring++)
        {
            for (var i = 0; i < rings[ring].Count; i++)
            {
                // Each ring is turned by half a place, so that lines to the middle do not hide one another.
                var angle = 2 * Math.PI * (i + (ring % 2 * 0.5)) / rings[ring].Count - Math.PI / 2;
                places.TryAdd(rings[ring][i], (ring * RingDistance * Math.Cos(angle), ring * RingDistance * Math.Sin(angle)));
            }
        }
        return places;
    }

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
