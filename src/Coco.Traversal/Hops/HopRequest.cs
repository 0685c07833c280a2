using Coco.Crypto;

namespace Coco.Traversal.Hops;

/// <summary>A session through the mesh that somebody wants.</summary>
/// <param name="Self">Which node of this process is asked.</param>
/// <param name="From">The neighbour that asks; default when the wish is our own.</param>
/// <param name="Origin">Whose connection it is, as <paramref name="From"/> says.</param>
/// <param name="Target">To whom it leads.</param>
/// <param name="Aim">Whom to route to first: the target, or a node that sees it where we may not; default when nobody has said.</param>
public readonly record struct HopRequest(NodeId Self, NodeId From, NodeId Origin, NodeId Target, NodeId Aim);
