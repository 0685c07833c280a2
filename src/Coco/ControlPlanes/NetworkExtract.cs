using System.Collections.Immutable;
using Coco.Cluster.Certificates;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.ControlPlanes;

/// <summary>What a node can show a control plane of its network: all of it signed by members.</summary>
/// <param name="User">The key of the node's user, which stays the node's.</param>
/// <param name="Package">A snapshot, and what shows that it is the owner's, where it stands for statements that were forgotten; else nothing.</param>
/// <param name="Statements">The statements with an effect that are left, each after what it depends on.</param>
/// <param name="Certificates">Of the members that the node knows, the node's own first.</param>
internal sealed record NetworkExtract(IdentityKey User, ImmutableArray<Statement> Package, ImmutableArray<Statement> Statements, ImmutableArray<NodeCertificate> Certificates);
