namespace Coco.Cli.Api;

/// <summary>An app that was added, and its token, which is told this once.</summary>
internal sealed record AppMade(string Name, string Token);
