using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Tunnels;

/// <summary>What tunnels tell.</summary>
internal static partial class TunnelLog
{
    [LoggerMessage(1640, LogLevel.Information, "Service {Service} is published: {Target}")]
    public static partial void Published(this ILogger logger, string service, TunnelEnd target);

    [LoggerMessage(1641, LogLevel.Information, "Service {Service} is published no more")]
    public static partial void Withdrawn(this ILogger logger, string service);

    [LoggerMessage(1642, LogLevel.Information, "Peer {Peer}: its service {Service} is open at {LocalEnd}, to {Access}")]
    public static partial void Opened(this ILogger logger, NodeId peer, string service, TunnelEnd localEnd, LocalAccess access);

    [LoggerMessage(1643, LogLevel.Information, "The local end {LocalEnd} is closed")]
    public static partial void Closed(this ILogger logger, TunnelEnd localEnd);

    [LoggerMessage(1644, LogLevel.Information, "Services of the network are open by name at {LocalEnd}, to {Access}")]
    public static partial void ProxyOpened(this ILogger logger, TunnelEnd localEnd, LocalAccess access);

    [LoggerMessage(1645, LogLevel.Information, "{Place}: a connection was refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string place, string reason);

    [LoggerMessage(1646, LogLevel.Debug, "{Place}: a connection broke off: {Reason}")]
    public static partial void BrokeOff(this ILogger logger, string place, string reason);

    [LoggerMessage(1647, LogLevel.Information, "{Place}: media were refused: {Reason}")]
    public static partial void MediaRefused(this ILogger logger, string place, string reason);
}
