using System.Collections.Immutable;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>A member as this node knows it.</summary>
internal sealed record MemberInfo
{
    public required NodeId Id { get; init; }

    /// <summary>The name it is shown with: its own, or with a piece of its identity where two have one name.</summary>
    public required string Name { get; init; }

    public required UserId User { get; init; }

    public required Role Role { get; init; }

    /// <summary>The app it runs; none for a device.</summary>
    public AppId App { get; init; }

    public bool IsDevice => App.IsDefault;

    public required SubClusterId SubCluster { get; init; }

    public bool IsCore => SubCluster.IsCore;

    public NodeClass Class { get; init; }

    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Whether there is a way to it now.</summary>
    public bool IsReachable { get; init; }

    /// <summary>Links on the way; 0 for this node and those out of reach.</summary>
    public int Hops { get; init; }
}
