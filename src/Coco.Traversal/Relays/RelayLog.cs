using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Traversal.Relays;

/// <summary>What a relay and its clients tell an operator. Event ids 1120 to 1139.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(1120, LogLevel.Warning, "Client {Client} turned away: the relay serves {Clients} clients, the limit of its options")]
    public static partial void Full(ILogger logger, NodeId client, int clients);

    [LoggerMessage(1121, LogLevel.Information, "Draining: {Clients} clients have {Seconds} s to go elsewhere")]
    public static partial void Draining(ILogger logger, int clients, double seconds);

    [LoggerMessage(1122, LogLevel.Information, "Client {Client} cut off: {Reason}")]
    public static partial void Cut(ILogger logger, NodeId client, RelayDisconnect reason);
}
