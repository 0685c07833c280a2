namespace Coco.Cluster.Policies;

/// <summary>How a policy came to its decision.</summary>
public enum PolicyOutcome
{
    /// <summary>No rule is about this.</summary>
    NoRule,

    /// <summary>A rule forbids it.</summary>
    Denied,

    /// <summary>A line is from a later version and might forbid it.</summary>
    NotUnderstood,

    /// <summary>A rule allows it, and none forbids it.</summary>
    Allowed,

    /// <summary>The owner asks.</summary>
    IsOwner,
}
