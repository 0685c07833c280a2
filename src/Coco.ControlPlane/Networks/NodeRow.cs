using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>A node, as the table has it.</summary>
internal sealed record NodeRow(NetworkId Network, NodeId Node, string Name, string SubCluster, NodeCertificate Certificate, string? ExternalUser, DateTimeOffset Created, long Version);
