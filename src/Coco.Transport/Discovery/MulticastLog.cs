using Microsoft.Extensions.Logging;

namespace Coco.Transport.Discovery;

/// <summary>What discovery on LANs tells an operator. Event ids 1350 to 1359.</summary>
internal static partial class MulticastLog
{
    [LoggerMessage(1350, LogLevel.Debug, "No multicast on {Interface} (IPv6: {IsIpv6}): {Reason}")]
    public static partial void SocketFailed(ILogger logger, string @interface, bool isIpv6, string reason);

    [LoggerMessage(1351, LogLevel.Debug, "A multicast datagram was not sent on interface {Interface} (IPv6: {IsIpv6}): {Reason}")]
    public static partial void SendFailed(ILogger logger, int @interface, bool isIpv6, string reason);
}
