using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>One owner's time in office.</summary>
/// <param name="Id">The statement that began it.</param>
/// <param name="Owner">The owner.</param>
/// <param name="Namings">The recovery keys named in it, the one on record last.</param>
/// <param name="Keep">Which of its certificates are valid after its end; all while it lasts.</param>
/// <param name="Recovered">The rank of the recovery that began it; null where none did.</param>
internal sealed record Epoch(StatementId Id, UserId Owner, ImmutableArray<RecoveryNaming> Namings, Keep Keep, RecoveryRank? Recovered = null)
{
    /// <summary>What it says of a key that a statement named; null where it does not say that.</summary>
    public RecoveryNaming? Find(NodeId key, StatementId by)
    {
        foreach (var naming in Namings)
        {
            if (naming.Key == key && naming.By == by && !key.IsDefault) { return naming; }
        }
        return null;
    }
}
