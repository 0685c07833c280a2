namespace Coco.Cluster.Membership;

/// <summary>Who sees whom in a network.</summary>
public enum NetworkProfile
{
    /// <summary>A node sees its sub-cluster and the core.</summary>
    Private = 0,

    /// <summary>Any member may look any other up and connect.</summary>
    Open = 1,
}
