namespace Coco.Cluster.Membership;

/// <summary>What became of a statement that was offered to the log.</summary>
internal enum StatementOutcome
{
    Added,
    Known,

    /// <summary>Something it depends on is missing. It is added when that comes, if it has not been forgotten by then.</summary>
    Waiting,
    Refused,
}
