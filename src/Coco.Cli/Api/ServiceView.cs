namespace Coco.Cli.Api;

/// <summary>A service that this node offers.</summary>
internal sealed record ServiceView(string Name, string Target, IReadOnlyList<string> Nodes, IReadOnlyList<string> Roles, TrafficView? Traffic, string? Problem);
