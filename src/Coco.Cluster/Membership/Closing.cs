using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>A revocation of what a statement gave, by an office at a place; it counts against what is junior to that.</summary>
internal readonly record struct Closing(StatementId Id, StatementId Subject, Place By, Cut Cut, Keep Keep);
