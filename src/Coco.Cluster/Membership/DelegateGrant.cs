using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>A key that may admit nodes.</summary>
/// <param name="Id">The statement that made it one.</param>
/// <param name="Key">The key.</param>
/// <param name="SubCluster">The only sub-cluster it admits to; any if the default.</param>
/// <param name="Until">When what it admitted has to expire, in seconds since 1970 UTC; 0 for never.</param>
/// <param name="Place">Its seniority.</param>
/// <param name="Closed">Which certificates are valid after its revocation; null while it is open.</param>
internal sealed record DelegateGrant(StatementId Id, NodeId Key, SubClusterId SubCluster, ulong Until, Place Place, Keep? Closed);
