using Coco.Cluster.Graph;
using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Cluster.Members;

/// <summary>What membership tells an operator. Event ids 1300 to 1319 and 1340 to 1349.</summary>
internal static partial class MemberLog
{
    [LoggerMessage(1300, LogLevel.Debug, "Peer {Peer} is a member")]
    public static partial void Verified(ILogger logger, NodeId peer);

    [LoggerMessage(1301, LogLevel.Information, "Peer {Peer} disconnected: {Reason}")]
    public static partial void Dismissed(ILogger logger, NodeId peer, MemberDisconnect reason);

    [LoggerMessage(1302, LogLevel.Warning, "Peer {Peer} let go: {How}")]
    public static partial void Misbehaved(ILogger logger, NodeId peer, string how);

    [LoggerMessage(1303, LogLevel.Debug, "Peer {Peer} shows no membership: {Reason}")]
    public static partial void NotProven(ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1304, LogLevel.Debug, "Statement known: {Statement}")]
    public static partial void StatementAdded(ILogger logger, Statement statement);

    [LoggerMessage(1305, LogLevel.Warning, "{Issuer} signed two statements in one place, {One} and {Other}: it cheats, or its key is in two hands")]
    public static partial void Equivocation(ILogger logger, NodeId issuer, StatementId one, StatementId other);

    [LoggerMessage(1306, LogLevel.Information, "Node {Node} was removed from the network")]
    public static partial void NodeRemoved(ILogger logger, NodeId node);

    [LoggerMessage(1307, LogLevel.Information, "User {User} was removed from the network, with all nodes")]
    public static partial void UserRemoved(ILogger logger, UserId user);

    [LoggerMessage(1308, LogLevel.Information, "Network {Network} is owned by {Owner} now")]
    public static partial void OwnerChanged(ILogger logger, NetworkId network, UserId owner);

    [LoggerMessage(1309, LogLevel.Warning, "This node does not belong to network {Network} any more")]
    public static partial void SelfRemoved(ILogger logger, NetworkId network);

    [LoggerMessage(1310, LogLevel.Information, "Node {Node} joined by ticket {Ticket}")]
    public static partial void Joined(ILogger logger, NodeId node, TicketId ticket);

    [LoggerMessage(1311, LogLevel.Information, "Node {Node} was not let in: {Reason}")]
    public static partial void Denied(ILogger logger, NodeId node, JoinRefusal reason);

    [LoggerMessage(1312, LogLevel.Warning, "Write {Number} failed and is tried again")]
    public static partial void StoreFailed(ILogger logger, ulong number);

    [LoggerMessage(1313, LogLevel.Debug, "Peer {Peer} told the time with the key of {User}: {UnixSeconds}")]
    public static partial void TimeTold(ILogger logger, NodeId peer, UserId user, ulong unixSeconds);

    [LoggerMessage(1316, LogLevel.Debug, "Peer {Peer}: statement refused: {Reason}")]
    public static partial void StatementRefused(ILogger logger, NodeId peer, Refusal reason);

    [LoggerMessage(1317, LogLevel.Debug, "{Statement} has no effect: {Reason}")]
    public static partial void StatementVoid(ILogger logger, Statement statement, VoidReason reason);

    [LoggerMessage(1318, LogLevel.Debug, "Peer {Peer}: frame {Type} refused: {Reason}")]
    public static partial void FrameRefused(ILogger logger, NodeId peer, MeshFrameType type, string reason);

    [LoggerMessage(1319, LogLevel.Debug, "Peer {Peer} turned away: {Reason}")]
    public static partial void TurnedAway(ILogger logger, NodeId peer, string reason);

    [LoggerMessage(1340, LogLevel.Debug, "{Issuer} says it is {UnixSeconds}, which nobody else confirms: it moves no clock")]
    public static partial void TimeUnconfirmed(ILogger logger, NodeId issuer, ulong unixSeconds);

    [LoggerMessage(1315, LogLevel.Warning, "Whoever was removed still recognises this network on a LAN: there was no room to state another key")]
    public static partial void DiscoveryUnchanged(ILogger logger, Exception exception);

    [LoggerMessage(1314, LogLevel.Information, "Snapshot installed: {Count} statements are left")]
    public static partial void Compacted(ILogger logger, int count);

    [LoggerMessage(1346, LogLevel.Debug, "Peer {Peer} can be looked up here now, under {Places}")]
    public static partial void Published(ILogger logger, NodeId peer, DirectoryPlaces places);

    [LoggerMessage(1347, LogLevel.Debug, "Directory: {Outcome} after {Asked} questions for key {Key}")]
    public static partial void LookedUp(ILogger logger, DirectoryOutcome outcome, int asked, NodeTag key);

    [LoggerMessage(1348, LogLevel.Warning, "Peer {Peer} answered for the directory with what is no entry for key {Key}: {How}")]
    public static partial void WrongAnswer(ILogger logger, NodeId peer, NodeTag key, string how);
}
