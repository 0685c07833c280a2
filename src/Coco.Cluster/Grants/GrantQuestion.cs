using Coco.Cluster.Membership;

namespace Coco.Cluster.Grants;

/// <summary>Who wants to do what with which resource. Asked for users with a valid certificate only: the revoked are not let in.</summary>
internal sealed record GrantQuestion(UserId User, Role Role, string Resource, string Action);
