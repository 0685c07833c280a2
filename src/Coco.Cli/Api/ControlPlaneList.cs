namespace Coco.Cli.Api;

/// <summary>The control planes that a network lists.</summary>
internal sealed record ControlPlaneList(string Network, IReadOnlyList<ControlPlaneView> ControlPlanes);
