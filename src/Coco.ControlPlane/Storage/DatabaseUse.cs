namespace Coco.ControlPlane.Storage;

/// <summary>What a database is opened for.</summary>
internal enum DatabaseUse
{
    /// <summary>An instance: its tables are brought up to date, it hears notices, and SQLite lets no second one in.</summary>
    Instance,

    /// <summary>An operator's command beside it: the tables have to be those of this program already.</summary>
    Tool,

    /// <summary>To be filled from a backup: tables are not touched.</summary>
    Restore,
}
