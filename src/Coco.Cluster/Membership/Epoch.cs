using System.Collections.Immutable;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>One owner's time in office.</summary>
/// <param name="Id">The statement that began it.</param>
/// <param name="Owner">The owner.</param>
/// <param name="Namings">The recovery keys named in it, the one on record last.</param>
/// <param name="Keep">Which of its certificates are valid after its end; all while it lasts.</param>
internal sealed record Epoch(StatementId Id, UserId Owner, ImmutableArray<RecoveryNaming> Namings, Keep Keep);
