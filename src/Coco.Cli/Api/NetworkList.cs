namespace Coco.Cli.Api;

/// <summary>The networks of the caller.</summary>
internal sealed record NetworkList(IReadOnlyList<NetworkView> Networks);
