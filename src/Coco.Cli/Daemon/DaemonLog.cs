using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>What the daemon tells.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(1600, LogLevel.Information, "coco {Version} is up, process {ProcessId}, on {Addresses}")]
    public static partial void Up(this ILogger logger, string version, int processId, string addresses);

    [LoggerMessage(1601, LogLevel.Information, "coco is going down")]
    public static partial void Down(this ILogger logger);

    [LoggerMessage(1602, LogLevel.Error, "The node of network {Network} does not start: {Reason}")]
    public static partial void NodeNotStarted(this ILogger logger, string network, string reason);

    [LoggerMessage(1603, LogLevel.Error, "{File} cannot be read and its node is left alone: {Reason}")]
    public static partial void SettingsUnknown(this ILogger logger, string file, string reason);

    [LoggerMessage(1604, LogLevel.Information, "The node of network {Network} is gone, with its keys: its user left")]
    public static partial void Left(this ILogger logger, string network);

    [LoggerMessage(1609, LogLevel.Error, "Another copy of node {Node} of network {Network} runs: a backup was restored beside the original, or the folder was copied")]
    public static partial void CopySeen(this ILogger logger, string network, string node);

    [LoggerMessage(1608, LogLevel.Error, "The tunnel at {Local} in network {Network} cannot be opened: {Reason}")]
    public static partial void TunnelNotOpened(this ILogger logger, string local, string network, string reason);

    [LoggerMessage(1610, LogLevel.Error, "The MQTT server at {Local} in network {Network} cannot be opened: {Reason}")]
    public static partial void MqttNotOpened(this ILogger logger, string local, string network, string reason);

    [LoggerMessage(1605, LogLevel.Warning, "User {Uid} asked for {Path} and was refused: the daemon is another user's")]
    public static partial void OtherUserRefused(this ILogger logger, long uid, string path);

    [LoggerMessage(1606, LogLevel.Error, "{Path} failed: a fault of this program")]
    public static partial void CallFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(1607, LogLevel.Debug, "{Path}: {Code}: {Message}")]
    public static partial void CallRefused(this ILogger logger, string path, string code, string message);
}
