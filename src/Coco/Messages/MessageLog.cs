using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Messages;

/// <summary>What messages tell.</summary>
internal static partial class MessageLog
{
    [LoggerMessage(1500, LogLevel.Error, "Node {Node}: messages could not be stored, and are not acknowledged")]
    public static partial void MessagesNotStored(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1501, LogLevel.Debug, "Peer {Peer}: messages wait: {Cause}")]
    public static partial void NotCarried(this ILogger logger, NodeId peer, string cause);
}
