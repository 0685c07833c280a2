namespace Coco.Cli.Api;

/// <summary>Messages to take.</summary>
internal sealed record InboxWish(string? Subject = null, bool Follow = false);
