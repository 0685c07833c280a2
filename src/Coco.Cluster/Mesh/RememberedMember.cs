using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>A member that a restarted node knew in its earlier life.</summary>
internal readonly record struct RememberedMember(NodeId Node, NodeClass Class);
