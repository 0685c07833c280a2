namespace Coco.Cli.Api;

/// <summary>Where files that come are to go.</summary>
internal sealed record FilesWish(string Folder);
