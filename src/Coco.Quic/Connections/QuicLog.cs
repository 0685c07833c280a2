using Microsoft.Extensions.Logging;

namespace Coco.Quic.Connections;

/// <summary>What connections and endpoints tell an operator. Event ids 1000 to 1099.</summary>
internal static partial class QuicLog
{
    [LoggerMessage(1001, LogLevel.Information, "Handshake refused: {Reason}")]
    public static partial void HandshakeRefused(ILogger logger, string reason);

    [LoggerMessage(1002, LogLevel.Information, "Connection closed because the peer broke the protocol: {Code} in frame {Frame:x}: {Reason}")]
    public static partial void ProtocolError(ILogger logger, QuicErrorCode code, ulong frame, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "New peer turned away: {Connections} connections, {HalfOpen} of them half open, are at a limit of the options")]
    public static partial void ConnectionRefused(ILogger logger, int connections, int halfOpen);

    [LoggerMessage(1004, LogLevel.Debug, "Now sending on path {Path}")]
    public static partial void PathChanged(ILogger logger, int path);
}
