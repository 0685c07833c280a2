
namespace Coco.ControlPlane.Storage;

/// <summary>What the storage tells. Events 1740 to 1749.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1740, LogLevel.Information, "database: applied migration {Version} {Name}")]
    public static partial void Migrated(ILogger logger, int version, string name);

    [LoggerMessage(1741, LogLevel.Debug, "database: a transaction met another, attempt {Attempt}")]
    public static partial void Conflict(ILogger logger, int attempt);

    [LoggerMessage(1742, LogLevel.Warning, "database: the connection that hears other instances was lost ({Reason}), trying again")]
    public static partial void ListeningLost(ILogger logger, string reason);
}
