using Coco.Cluster.Membership;

namespace Coco.ControlPlane.Client;

/// <summary>What a new network is like.</summary>
public sealed record NewNetwork
{
    /// <summary>Its name, at most 64 bytes of UTF-8.</summary>
    public required string Name { get; init; }

    /// <summary>Who sees whom in it. Default <see cref="NetworkProfile.Private"/>.</summary>
    public NetworkProfile Profile { get; init; } = NetworkProfile.Private;

    /// <summary>Whether there is a recovery key, for when the owner's key is lost or stolen. Default true.</summary>
    public bool HasRecoveryKey { get; init; } = true;
}
