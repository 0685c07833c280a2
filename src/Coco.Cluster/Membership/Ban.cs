using System.Collections.Immutable;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>A revocation of a user, by an office at a place, and the later grants that welcome the user despite it.</summary>
internal sealed record Ban(StatementId Id, UserId User, Place By, Cut Cut, Keep Keep, ImmutableSortedSet<StatementId> LiftedBy);
