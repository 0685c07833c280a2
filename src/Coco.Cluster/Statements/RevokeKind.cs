namespace Coco.Cluster.Statements;

/// <summary>What a revocation is of.</summary>
internal enum RevokeKind : byte
{
    User = 1,
    Node = 2,

    /// <summary>What a statement gave: a role, a delegation, access to a resource, or a past ownership.</summary>
    Grant = 3,

    /// <summary>Of nothing yet: names certificates that stay, beside those that the revocation itself lists, when the same office revokes the same.</summary>
    Keep = 4,
}
