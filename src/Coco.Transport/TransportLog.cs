using System.Net;
using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Transport;

/// <summary>What an endpoint tells an operator. Event ids 1200 to 1229.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(1200, LogLevel.Information, "Endpoint with identities [{Identities}] listens on {Addresses}")]
    public static partial void Listening(this ILogger logger, string identities, string addresses);

    [LoggerMessage(1201, LogLevel.Information, "Endpoint on {Addresses} stopped")]
    public static partial void Stopped(this ILogger logger, string addresses);

    [LoggerMessage(1202, LogLevel.Critical, "The endpoint's loop failed; all its connections are lost")]
    public static partial void LoopFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1203, LogLevel.Information, "The network has changed")]
    public static partial void NetworkChanged(this ILogger logger);

    [LoggerMessage(1204, LogLevel.Debug, "{Sockets} sockets, {Addresses} addresses of interfaces")]
    public static partial void NetworkRead(this ILogger logger, int sockets, int addresses);

    [LoggerMessage(1205, LogLevel.Debug, "Connection opened, peer {Peer}, we called: {IsCaller}")]
    public static partial void ConnectionOpened(this ILogger logger, NodeId peer, bool isCaller);

    [LoggerMessage(1206, LogLevel.Debug, "Connection closed, peer {Peer}: {Reason}")]
    public static partial void ConnectionClosed(this ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1207, LogLevel.Information, "Call failed, peer {Peer}: {Reason}")]
    public static partial void CallFailed(this ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1208, LogLevel.Warning, "Connection turned away: {Backlog} wait to be accepted already")]
    public static partial void BacklogFull(this ILogger logger, int backlog);

    [LoggerMessage(1209, LogLevel.Information, "Peer {Peer}: now on path {Path}")]
    public static partial void PathChanged(this ILogger logger, NodeId peer, string path);

    [LoggerMessage(1210, LogLevel.Information, "Cannot listen for TCP on {Address}: {Reason}. Peers whose UDP is blocked reach this endpoint by relay only")]
    public static partial void TcpUnavailable(this ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(1213, LogLevel.Information, "Identity {Id} answers here")]
    public static partial void IdentityAdded(this ILogger logger, NodeId id);

    [LoggerMessage(1214, LogLevel.Information, "Identity {Id} answers here no more")]
    public static partial void IdentityRemoved(this ILogger logger, NodeId id);

    [LoggerMessage(1212, LogLevel.Warning, "The address record of {Node} could not be published")]
    public static partial void PublishFailed(this ILogger logger, NodeId node, Exception exception);

    [LoggerMessage(1215, LogLevel.Warning, "The relay's records could not be looked up at, or told to, its owner's other relays")]
    public static partial void PresenceFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1211, LogLevel.Warning, "{Opened} of {Wanted} sockets opened for punching holes: {Reason}")]
    public static partial void SocketsRefused(this ILogger logger, int opened, int wanted, string reason);

    [LoggerMessage(1216, LogLevel.Debug, "An app's code did not return within milliseconds: another thread serves the endpoint now")]
    public static partial void GuestOutstayed(this ILogger logger);
}
