namespace Coco.ControlPlane.Relaying;

/// <summary>What the relay of an instance tells. Events 1700 to 1719. No addresses.</summary>
internal static partial class RelayingLog
{
    [LoggerMessage(1700, LogLevel.Information, "relay: {Relay} serves, {Nodes} nodes known")]
    public static partial void Started(ILogger logger, string relay, int nodes);

    [LoggerMessage(1701, LogLevel.Information, "relay: {Relay} drained and stopped")]
    public static partial void Stopped(ILogger logger, string relay);

    [LoggerMessage(1702, LogLevel.Warning, "relay: usage of {Entries} clients could not be written, and is tried again")]
    public static partial void FlushFailed(ILogger logger, Exception exception, int entries);

    [LoggerMessage(1703, LogLevel.Error, "relay: usage of {Entries} clients is lost, as the database did not take it before the end")]
    public static partial void UsageLost(ILogger logger, Exception exception, int entries);

    [LoggerMessage(1704, LogLevel.Warning, "relay: {Records} address records could not be written, and are tried again")]
    public static partial void RecordsNotWritten(ILogger logger, Exception exception, int records);

    [LoggerMessage(1707, LogLevel.Warning, "relay: other instances could not be read, so that clients are not told where to go")]
    public static partial void OthersNotRead(ILogger logger, Exception exception);

    [LoggerMessage(1708, LogLevel.Error, "relay: a question was not answered")]
    public static partial void QuestionFailed(ILogger logger, Exception exception);

    [LoggerMessage(1705, LogLevel.Warning, "relay: terms could not be read, and are read again")]
    public static partial void TermsNotRead(ILogger logger, Exception exception);
}
