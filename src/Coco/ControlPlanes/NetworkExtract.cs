using System.Collections.Immutable;
using Coco.Cluster.Certificates;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.ControlPlanes;

/// <summary>What a node can show a control plane of its network: all of it signed by members.</summary>
/// <param name="User">The key of the node's user, which stays the node's.</param>
/// <param name="Statements">Statements with an effect, each after what it depends on.</param>
/// <param name="Certificates">Of the members that the node knows, the node's own first.</param>
/// <param name="IsCompacted">Whether statements are missing for which a snapshot stands.</param>
internal sealed record NetworkExtract(IdentityKey User, ImmutableArray<Statement> Statements, ImmutableArray<NodeCertificate> Certificates, bool IsCompacted);
