using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>What became of a statement, and why where it was refused.</summary>
internal readonly record struct StatementResult(StatementOutcome Outcome, Refusal Refusal = Refusal.None)
{
    public static implicit operator StatementResult(Refusal refusal) => new(StatementOutcome.Refused, refusal);

    public static implicit operator StatementResult(StatementOutcome outcome) => new(outcome);
}
