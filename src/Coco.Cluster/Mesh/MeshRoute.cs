using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>The way to a node.</summary>
/// <param name="NextHop">The neighbour to hand datagrams to.</param>
/// <param name="Hops">Links to <paramref name="Aim"/>.</param>
/// <param name="Aim">
/// Whom each hop routes to: the node itself, or a core node that keeps its sub-cluster and routes on from there. A hop on the way may not see
/// the node, so what is forwarded names both.
/// </param>
internal readonly record struct MeshRoute(NodeId NextHop, int Hops, NodeId Aim);
