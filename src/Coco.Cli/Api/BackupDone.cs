namespace Coco.Cli.Api;

/// <summary>What was backed up or restored.</summary>
internal sealed record BackupDone(string File, DateTimeOffset MadeAt, IReadOnlyList<string> Networks, bool IsProtected);
