namespace Coco.Cluster.Grants;

/// <summary>Who wants to do what with which resource.</summary>
internal sealed record GrantQuestion(UserId User, Role Role, string Resource, string Action);
