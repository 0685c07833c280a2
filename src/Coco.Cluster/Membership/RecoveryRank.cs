namespace Coco.Cluster.Membership;

/// <summary>Which of several recoveries of one epoch counts: by the key named first, then the first in that key's chain, then the smaller name.</summary>
/// <param name="Position">Where in the owner's chain the key was named, as <see cref="RecoveryNaming.Position"/>.</param>
/// <param name="Sequence">The recovery's place in the chain of its key.</param>
/// <param name="Id">The recovery.</param>
internal readonly record struct RecoveryRank(ulong Position, ulong Sequence, StatementId Id)
{
    public bool IsBefore(RecoveryRank other) => (Position, Sequence, Id).CompareTo((other.Position, other.Sequence, other.Id)) < 0;
}
