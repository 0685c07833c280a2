namespace Coco.Cli.Api;

/// <summary>The next recovery key, which is told this once.</summary>
/// <param name="Network">Of which network.</param>
/// <param name="RecoveryKey">The key; null where the command wrote it to a file.</param>
/// <param name="File">Where the command wrote it.</param>
internal sealed record RecoveryMade(string Network, string? RecoveryKey, string? File = null);
