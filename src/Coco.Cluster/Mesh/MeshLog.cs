using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Cluster.Mesh;

/// <summary>What the mesh tells an operator. Event ids 1320 to 1339.</summary>
internal static partial class MeshLog
{
    [LoggerMessage(1320, LogLevel.Debug, "Peer {Peer}: advertisement of {Node} in {Scope} refused: {Reason}")]
    public static partial void AdvertisementRefused(ILogger logger, NodeId peer, NodeId node, ScopeId scope, MeshRefusal reason);

    [LoggerMessage(1321, LogLevel.Warning, "Peer {Peer} let go: {Reason}, {Strikes} times")]
    public static partial void PeerLetGo(ILogger logger, NodeId peer, MeshRefusal reason, int strikes);

    [LoggerMessage(1322, LogLevel.Warning, "Another {Node} is at work: an advertisement {Sequence} signed with our key is not ours")]
    public static partial void OwnSequenceSeen(ILogger logger, NodeId node, ulong sequence);

    [LoggerMessage(1323, LogLevel.Debug, "Peer {Peer}: frame {Type} refused: {Reason}")]
    public static partial void FrameRefused(ILogger logger, NodeId peer, ulong type, MeshRefusal reason);

    [LoggerMessage(1325, LogLevel.Debug, "Peer {Peer}: certificate of {Node} refused: {Verdict}")]
    public static partial void CertificateRefused(ILogger logger, NodeId peer, NodeId node, CertificateVerdict verdict);

    [LoggerMessage(1324, LogLevel.Information, "No sequence number is left for advertisements: the node needs a new key")]
    public static partial void SequenceExhausted(ILogger logger);
}
