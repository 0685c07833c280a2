using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>What the mesh asks of its host.</summary>
internal readonly record struct MeshCommand(MeshCommandKind Kind, NodeId Node);
