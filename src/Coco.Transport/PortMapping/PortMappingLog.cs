using Coco.Traversal;
using Coco.Traversal.PortMapping;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.PortMapping;

/// <summary>What port mapping tells an operator. Event ids 1250 to 1269.</summary>
internal static partial class PortMappingLog
{
    [LoggerMessage(1250, LogLevel.Information, "Router {Router} maps {External} to our {Transport} port {Port}, by {Protocol} (suspicious: {IsSuspicious})")]
    public static partial void Mapped(
        ILogger logger, NetworkAddress router, NetworkAddress external, MappedTransport transport, int port, PortMappingProtocol protocol, bool isSuspicious);

    [LoggerMessage(1251, LogLevel.Information, "Router {Router} no longer maps {External} to our {Transport} port {Port}")]
    public static partial void Unmapped(ILogger logger, NetworkAddress router, NetworkAddress external, MappedTransport transport, int port);

    [LoggerMessage(1252, LogLevel.Debug, "No socket for port mapping at {Local}: {Reason}")]
    public static partial void SocketFailed(ILogger logger, NetworkAddress local, string reason);

    [LoggerMessage(1253, LogLevel.Debug, "Request to {Server} failed: {Reason}")]
    public static partial void RequestFailed(ILogger logger, NetworkAddress server, string reason);
}
