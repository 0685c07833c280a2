using Coco.Cluster;
using Coco.Crypto;

namespace Coco;

/// <summary>Something that happened in a network. <see cref="Node.Peers"/> and <see cref="Node.Graph"/> show it already.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">To which node; default where it is about none, and the signer for <see cref="NodeEventKind.Equivocation"/>.</param>
/// <param name="User">To which user; default where it is about none.</param>
public readonly record struct NodeEvent(NodeEventKind Kind, NodeId Node = default, UserId User = default);
