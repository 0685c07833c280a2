using Coco.Crypto;

namespace Coco.Cluster.Statements;

/// <summary>A control plane: its key and where it is. It is no member.</summary>
internal readonly record struct ControlPlaneEntry(NodeId Id, string Address);
