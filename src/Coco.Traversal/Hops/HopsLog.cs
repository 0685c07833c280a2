using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Traversal.Hops;

/// <summary>What forwarding through the mesh tells an operator. Event ids 1180 to 1189.</summary>
internal static partial class HopsLog
{
    [LoggerMessage(1180, LogLevel.Debug, "Session of {Origin} to {Target} asked for by {From}: refused, {Reason}")]
    public static partial void Refused(ILogger logger, NodeId origin, NodeId target, NodeId from, HopRefusal reason);

    [LoggerMessage(1181, LogLevel.Debug, "Session of {Origin} to {Target} asked for by {From}: on to {Next}")]
    public static partial void Forwarding(ILogger logger, NodeId origin, NodeId target, NodeId from, NodeId next);

    [LoggerMessage(1182, LogLevel.Information, "Neighbour {Neighbour}: {Sessions} sessions over it end, {Reason}")]
    public static partial void NeighbourLost(ILogger logger, NodeId neighbour, int sessions, HopCloseReason reason);

    [LoggerMessage(1183, LogLevel.Warning, "Neighbour {Neighbour}: a message of type {Type} about a session is malformed")]
    public static partial void BadMessage(ILogger logger, NodeId neighbour, ulong type);
}
