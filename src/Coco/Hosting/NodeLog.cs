using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Hosting;

/// <summary>What nodes tell.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1420, LogLevel.Information, "Node {Node} is in network {Network}")]
    public static partial void NodeStarted(this ILogger logger, NodeId node, string network);

    [LoggerMessage(1421, LogLevel.Critical, "Node {Node} has stopped: a fault of this program")]
    public static partial void NodeFailed(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1422, LogLevel.Debug, "Peer {Peer}: not reached: {Cause}")]
    public static partial void DialFailed(this ILogger logger, NodeId peer, string cause);

    [LoggerMessage(1423, LogLevel.Information, "Peer {Peer}: service {Service} {Decision}")]
    public static partial void ServiceDenied(this ILogger logger, NodeId peer, string service, string decision);

    [LoggerMessage(1424, LogLevel.Error, "Node {Node}: the store takes nothing now, it is tried again")]
    public static partial void WriteFailed(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1425, LogLevel.Error, "Node {Node}: a part of it has stopped: a fault of this program")]
    public static partial void PartFailed(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1440, LogLevel.Debug, "Peer {Peer}: it does not answer, the link is given up")]
    public static partial void LinkSilent(this ILogger logger, NodeId peer);

    [LoggerMessage(1455, LogLevel.Debug, "Peer {Peer} turned away: {Reason}")]
    public static partial void TurnedAway(this ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1456, LogLevel.Warning, "Peer {Peer} let go: {Reason}")]
    public static partial void LetGo(this ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1459, LogLevel.Information, "Node {Node}: the network lists {Count} control planes now")]
    public static partial void ControlPlanes(this ILogger logger, NodeId node, int count);
}
