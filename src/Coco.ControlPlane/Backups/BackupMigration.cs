namespace Coco.ControlPlane.Backups;

/// <summary>A migration that the tables of a backup have had.</summary>
internal sealed record BackupMigration(long Version, string Hash);
