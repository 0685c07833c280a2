using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>A recovery key of an epoch; none if the key is the default.</summary>
/// <param name="Key">The key.</param>
/// <param name="By">The statement that named it.</param>
/// <param name="Position">Statements in the owner's chain up to that one; 0 for the one that opened the epoch.</param>
/// <param name="IsRetired">Whether it has given up its power.</param>
internal readonly record struct RecoveryNaming(NodeId Key, StatementId By, ulong Position, bool IsRetired);
