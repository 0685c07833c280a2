namespace Coco.Cli.Api;

/// <summary>A message that was sent.</summary>
internal sealed record SentView(string Id, string To, string Status, DateTimeOffset SentAt, DateTimeOffset Expires);
