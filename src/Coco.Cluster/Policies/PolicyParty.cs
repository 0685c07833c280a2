using Coco.Cluster.Membership;

namespace Coco.Cluster.Policies;

/// <summary>One side of what is asked: a node that has shown a valid certificate, as that and the membership describe it. The revoked get no answer at all.</summary>
public sealed record PolicyParty(UserId User, Role Role, AppId App, IReadOnlyCollection<string> Tags);
