namespace Coco.Cluster.Policies;

/// <summary>What a rule is about.</summary>
public enum PolicyKind
{
    /// <summary>Connecting to a service by name.</summary>
    Service,

    /// <summary>Publishing to a topic.</summary>
    Publish,

    /// <summary>Subscribing to a topic.</summary>
    Subscribe,
}
