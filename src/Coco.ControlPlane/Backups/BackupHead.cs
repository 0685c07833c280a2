using System.Text.Json;

namespace Coco.ControlPlane.Backups;

/// <summary>The first line of a backup: which tables it is of.</summary>
internal sealed record BackupHead(IReadOnlyList<BackupMigration> Migrations)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);
}
