using Coco.Cluster;

namespace Coco.ControlPlane.Client;

/// <summary>What a node is admitted as.</summary>
public sealed record NodeTerms
{
    /// <summary>Where it belongs; default for the part of its app, or what a delegated key admits to.</summary>
    public SubClusterId SubCluster { get; init; }

    /// <summary>Labels that policies name, at most 16.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Until when; null for ever, or as long as a delegated key may admit.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The developer's own name for whose node it is; null for none.</summary>
    public string? ExternalUserId { get; init; }

    /// <summary>Information of members that the node may call first, as they exported it; at most 16.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];
}
