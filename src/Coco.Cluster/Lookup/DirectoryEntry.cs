using Coco.Cluster.Certificates;
using Coco.Traversal.Records;

namespace Coco.Cluster.Lookup;

/// <summary>A node that can be looked up.</summary>
/// <param name="Certificate">What it is.</param>
/// <param name="Addresses">Where it is; null where it has not said.</param>
internal sealed record DirectoryEntry(NodeCertificate Certificate, AddressRecord? Addresses);
