using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>What became of the graph, and of which node.</summary>
internal readonly record struct MeshEvent(MeshEventKind Kind, NodeId Node = default);
