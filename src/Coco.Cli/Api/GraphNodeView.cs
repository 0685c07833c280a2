namespace Coco.Cli.Api;

/// <summary>A node of the graph.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">What it is called; empty while that is not known.</param>
/// <param name="Reachable">Whether there is a way to it.</param>
/// <param name="Hops">Links on the way.</param>
/// <param name="Forwards">Whether it passes on what others send each other; null while that is not known.</param>
internal sealed record GraphNodeView(string Id, string Name, bool Reachable, int Hops, bool? Forwards);
