namespace Coco.Cluster.Membership;

/// <summary>That a user is a guest, as an office said.</summary>
internal readonly record struct GivenRole(UserId User, Place By);
