namespace Coco.Cli.Api;

/// <summary>A message that was handed out, and is done with.</summary>
internal sealed record CompleteWish(string Id, string FromId);
