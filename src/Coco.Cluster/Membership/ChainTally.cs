namespace Coco.Cluster.Membership;

/// <summary>How much of a chain is in the log.</summary>
internal readonly record struct ChainTally(int Statements, int Forks);
