namespace Coco.Cli.Api;

/// <summary>A control plane that a network lists.</summary>
internal sealed record ControlPlaneView(string Id, IReadOnlyList<string> Addresses, string? Url, string? Api);
