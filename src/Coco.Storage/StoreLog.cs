using Microsoft.Extensions.Logging;

namespace Coco.Storage;

internal static partial class StoreLog
{
    [LoggerMessage(1400, LogLevel.Information, "Store {Path} created")]
    public static partial void StoreCreated(this ILogger logger, string path);

    [LoggerMessage(1401, LogLevel.Debug, "Store {Path} opened at version {Version} with {Rows} rows")]
    public static partial void StoreOpened(this ILogger logger, string path, ulong version, ulong rows);

    [LoggerMessage(1402, LogLevel.Error, "Store {Path} failed and takes no more changes until it is opened again")]
    public static partial void StoreFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(1403, LogLevel.Warning, "Store {Path} could not move its log into the file; the next commit tries again")]
    public static partial void CheckpointFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(1404, LogLevel.Information, "Store {Path} is under another key now")]
    public static partial void KeyChanged(this ILogger logger, string path);

    [LoggerMessage(1405, LogLevel.Information, "Store {Path} sealed anew, generation {Generation}")]
    public static partial void Rotated(this ILogger logger, string path, uint generation);

    [LoggerMessage(1406, LogLevel.Information, "Store {Path} keeps only keys from now on: {Rows} rows erased")]
    public static partial void ForgotAllButKeys(this ILogger logger, string path, int rows);
}
