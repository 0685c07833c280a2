namespace Coco.Cli.Api;

/// <summary>A recovery key: to be replaced, where another is made, or used.</summary>
internal sealed record RecoveryWish(string? Key = null);
