namespace Coco.Cli.Api;

/// <summary>An app that may use the daemon.</summary>
internal sealed record AppView(string Name, DateTimeOffset AddedAt, IReadOnlyList<string> Networks);
