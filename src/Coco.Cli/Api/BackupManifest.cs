namespace Coco.Cli.Api;

/// <summary>What a backup is, and what is in it: its first file.</summary>
internal sealed record BackupManifest(
    string Format, string Version, DateTimeOffset MadeAt, IReadOnlyList<string> Networks, IReadOnlyList<BackupEntry> Files)
{
    public const string CurrentFormat = "coco-backup/1";

    public const string FileName = "coco-backup.json";
}
