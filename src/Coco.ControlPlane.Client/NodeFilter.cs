namespace Coco.ControlPlane.Client;

/// <summary>Which nodes to list: by one of these, or all.</summary>
public sealed record NodeFilter
{
    /// <summary>Nodes of a part of the network.</summary>
    public string? SubCluster { get; init; }

    /// <summary>Nodes of a user.</summary>
    public string? User { get; init; }

    /// <summary>Nodes of a name.</summary>
    public string? Name { get; init; }

    /// <summary>Nodes of one of the developer's own users.</summary>
    public string? ExternalUserId { get; init; }
}
