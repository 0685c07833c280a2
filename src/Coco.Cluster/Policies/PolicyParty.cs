namespace Coco.Cluster.Policies;

/// <summary>One side of what is asked: a node, as its certificate and the membership describe it.</summary>
public sealed record PolicyParty(UserId User, Role Role, AppId App, IReadOnlyCollection<string> Tags);
