using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.Links;

/// <summary>Log messages of links, ids 1230 to 1249.</summary>
internal static partial class LinksLog
{
    [LoggerMessage(1230, LogLevel.Debug, "Link {Link} is open")]
    public static partial void LinkOpened(this ILogger logger, Link link);

    [LoggerMessage(1231, LogLevel.Debug, "No link to {Remote}: {Failure}, {Detail}")]
    public static partial void LinkFailed(this ILogger logger, string remote, LinkFailure failure, string detail);

    [LoggerMessage(1232, LogLevel.Debug, "Link {Link} accepted")]
    public static partial void LinkAccepted(this ILogger logger, Link link);

    [LoggerMessage(1233, LogLevel.Debug, "Link {Link} ended: {Reason}, {Detail}")]
    public static partial void LinkEnded(this ILogger logger, Link link, LinkFailure reason, string detail);

    [LoggerMessage(1234, LogLevel.Debug, "Connection from {Remote} did not become a link: {Failure}, {Detail}")]
    public static partial void StrangerLeft(this ILogger logger, string remote, LinkFailure failure, string detail);

    [LoggerMessage(1235, LogLevel.Debug, "Connection from {Remote} turned away: a limit of the options is reached")]
    public static partial void StrangerTurnedAway(this ILogger logger, string remote);

    [LoggerMessage(1236, LogLevel.Warning, "Accepting on {Local} failed and goes on: {Detail}")]
    public static partial void AcceptFailed(this ILogger logger, string local, string detail);
}
