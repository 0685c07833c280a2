using System.Collections.Immutable;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>How a new network begins.</summary>
internal sealed record FoundingTerms
{
    /// <summary>The network's name, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the first node, 1 to 64 bytes.</summary>
    public required string NodeName { get; init; }

    /// <summary>The app the first node runs; none for a device.</summary>
    public AppId App { get; init; }

    public bool IsGateway { get; init; }

    /// <summary>Where the first node belongs; the default is the core for devices and gateways, else the app's part.</summary>
    public SubClusterId SubCluster { get; init; }

    /// <summary>Labels that policies name, at most 16.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    public NetworkProfile Profile { get; init; } = NetworkProfile.Private;

    /// <summary>Who may name another owner when the owner's key is lost or stolen; none if the default.</summary>
    public NodeId Recovery { get; init; }

    /// <summary>The keys of the first node and of the owner; made if null.</summary>
    public MemberKeys? Keys { get; init; }
}
