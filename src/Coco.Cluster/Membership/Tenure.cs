using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>An admin's time in office with one key.</summary>
/// <param name="Id">The statement that began it.</param>
/// <param name="Key">The key that acts.</param>
/// <param name="Place">Its seniority.</param>
/// <param name="Successor">The statement by which the office went on with another key, or none.</param>
/// <param name="Closed">Which certificates are valid after its end; null while it is open.</param>
internal sealed record Tenure(StatementId Id, NodeId Key, Place Place, StatementId Successor, Keep? Closed);
