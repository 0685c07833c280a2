namespace Coco.Architecture.Tests;

/// <summary>The layers of docs/architecture.md, from the ground up. A reference may point down or sideways, never up.</summary>
internal static class Layers
{
    private static readonly string[][] FromGround =
    [
        ["Coco.Crypto"],
        ["Coco.Quic", "Coco.Traversal", "Coco.Cluster"],
        ["Coco.Transport", "Coco.Storage"],
        ["Coco", "Coco.Mqtt", "Coco.ControlPlane.Client", "Coco.Extensions.Hosting"],
        ["Coco.Cli", "Coco.ControlPlane", "Coco.App"],
    ];

    /// <summary>The projects that must do nothing by themselves.</summary>
    public static IReadOnlyList<string> Cores => FromGround[1];

    public static bool IsKnown(string name) => Array.Exists(FromGround, layer => layer.Contains(name, StringComparer.Ordinal));

    public static bool PointsUp(string from, string to) => LayerOf(to) > LayerOf(from);

    private static int LayerOf(string name)
    {
        var layer = Array.FindIndex(FromGround, layer => layer.Contains(name, StringComparer.Ordinal));
        return layer >= 0 ? layer : throw new ArgumentException($"{name} stands in no layer: add it to {nameof(Layers)}");
    }
}
