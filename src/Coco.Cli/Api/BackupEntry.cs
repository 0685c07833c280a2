namespace Coco.Cli.Api;

/// <summary>A file of a backup.</summary>
internal sealed record BackupEntry(string Name, long Length, string Sha256);
