using Coco.ControlPlane.Client.Contracts.Networks;

namespace Coco.ControlPlane.Client;

/// <summary>A node that was admitted.</summary>
/// <param name="Node">The node, as the control plane lists it.</param>
/// <param name="Admission">The text that makes the node a member, for <see cref="NodeExport.ImportAsync"/>. It holds no secret.</param>
public sealed record CertifiedNode(NodeView Node, string Admission);
