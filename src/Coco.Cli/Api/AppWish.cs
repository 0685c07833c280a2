namespace Coco.Cli.Api;

/// <summary>An app to let in.</summary>
internal sealed record AppWish(string Name);
