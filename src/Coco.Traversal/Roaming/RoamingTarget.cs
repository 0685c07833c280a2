using Coco.Crypto;

namespace Coco.Traversal.Roaming;

/// <summary>Whom to call, and what is known of where they are.</summary>
/// <param name="Peer">The peer's identity.</param>
internal sealed record RoamingTarget(NodeId Peer)
{
    /// <summary>As whom to call; the endpoint's first identity when null.</summary>
    public IdentityKey? Identity { get; init; }

    /// <summary>Addresses at which the peer may be reached directly, the likeliest first.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; init; } = [];
}
