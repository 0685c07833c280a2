using Coco.Cluster;
using Coco.Cluster.Membership;

namespace Coco;

/// <summary>What a new network is like.</summary>
public sealed record NetworkOptions
{
    /// <summary>What people call it, 1 to 64 bytes of UTF-8.</summary>
    public required string Name { get; init; }

    /// <summary>Who sees whom in it. Default <see cref="NetworkProfile.Private"/>.</summary>
    public NetworkProfile Profile { get; init; } = NetworkProfile.Private;

    /// <summary>The sub-cluster of the first node. Default: its app's.</summary>
    public SubClusterId SubCluster { get; init; }

    /// <summary>Labels of the first node that policies name, as <see cref="Invitation.Tags"/>. Default none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether a key is made with which ownership can be recovered (<see cref="Node.TakeRecoveryKey"/>). Default true.</summary>
    public bool HasRecoveryKey { get; init; } = true;
}
