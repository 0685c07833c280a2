using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>Who belongs to the network, as far as this node knows: what has no valid certificate here is no member here.</summary>
internal interface IMembers
{
    public bool IsMember(NodeId node);

    public SubClusterId SubClusterOf(NodeId node);

    public bool IsCore(NodeId node);
}
