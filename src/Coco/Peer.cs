using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Transport;

namespace Coco;

/// <summary>A member of the network, as this node knows it at one moment.</summary>
public sealed record Peer
{
    /// <summary>Its identity.</summary>
    public required NodeId Id { get; init; }

    /// <summary>What it is called; where two have one name, one is shown as name~xxxx.</summary>
    public required string Name { get; init; }

    /// <summary>Whose node it is.</summary>
    public required UserId User { get; init; }

    /// <summary>The user's role.</summary>
    public required Role Role { get; init; }

    /// <summary>The app it is an install of; null for a device.</summary>
    public AppId? App { get; init; }

    /// <summary>Whether it is a device.</summary>
    public bool IsDevice => App is null;

    /// <summary>The part of the network it belongs to.</summary>
    public required SubClusterId SubCluster { get; init; }

    /// <summary>What can be asked of it.</summary>
    public NodeClass Class { get; init; }

    /// <summary>Labels that policies name.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether there is a way to it now.</summary>
    public bool IsReachable { get; init; }

    /// <summary>Links on the way; 1 for a neighbour, 0 for one out of reach.</summary>
    public int Hops { get; init; }

    /// <summary>What the path to it is made of; null where this node has no connection with it.</summary>
    public PathType? PathType { get; init; }

    /// <summary>The round trip of the connection with it; null where there is none, or nothing was measured.</summary>
    public TimeSpan? RoundTripTime { get; init; }
}
