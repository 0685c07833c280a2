using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>The network as it is at one moment, as far as topics are concerned.</summary>
internal interface ITopicMembers
{
    /// <summary>Members within reach, this node not among them.</summary>
    public IReadOnlyCollection<NodeId> Reachable { get; }

    public bool IsMember(NodeId node);

    public bool IsReachable(NodeId node);

    /// <summary>Whether the policy lets a node publish to those at another.</summary>
    public bool MayPublish(NodeId node, NodeId at, string topic);

    /// <summary>Whether the policy lets a node have what is published at another.</summary>
    public bool MaySubscribe(NodeId node, NodeId at, string topic);
}
