namespace Coco.Cli.Api;

/// <summary>A file to send.</summary>
internal sealed record FileWish(string To, string Path, string? Name = null);
