using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Media;

/// <summary>What live streams tell.</summary>
internal static partial class MediaLog
{
    [LoggerMessage(1540, LogLevel.Warning, "Peer {Peer}: what it passes on of stream {Stream} is not the producer's; it is not used any more")]
    public static partial void Forged(this ILogger logger, NodeId peer, string stream);

    [LoggerMessage(1541, LogLevel.Information, "Peer {Peer}: may not subscribe to stream {Stream}")]
    public static partial void SubscriberDenied(this ILogger logger, NodeId peer, string stream);

    [LoggerMessage(1542, LogLevel.Warning, "Peer {Peer}: passes on stream {Stream} without signatures of its producer in time; it is not used for {Seconds} s")]
    public static partial void Unsigned(this ILogger logger, NodeId peer, string stream, double seconds);
}
