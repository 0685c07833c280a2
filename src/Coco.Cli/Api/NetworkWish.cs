namespace Coco.Cli.Api;

/// <summary>A network to be.</summary>
internal sealed record NetworkWish(string Name, string? NodeName = null, bool IsOpen = false);
