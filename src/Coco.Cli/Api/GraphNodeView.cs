namespace Coco.Cli.Api;

/// <summary>A node of the graph.</summary>
internal sealed record GraphNodeView(string Id, string Name, bool Reachable, int Hops);
