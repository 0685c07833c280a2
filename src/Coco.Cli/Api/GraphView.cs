namespace Coco.Cli.Api;

/// <summary>Who is linked with whom.</summary>
internal sealed record GraphView(string Network, string Self, IReadOnlyList<GraphNodeView> Nodes, IReadOnlyList<GraphLinkView> Links);
