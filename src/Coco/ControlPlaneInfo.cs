using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco;

/// <summary>A control plane that a network lists: a relay that its members may use, and an API. It is no member, and nothing depends on it.</summary>
/// <param name="Id">Its identity, which it proves to whoever connects.</param>
/// <param name="Addresses">Where it takes UDP and TCP, at most 8.</param>
/// <param name="Url">Where it takes WebSockets, beginning with <c>wss://</c>; null for nowhere.</param>
/// <param name="Api">Where its API is, beginning with <c>https://</c>; null for nowhere.</param>
public sealed record ControlPlaneInfo(NodeId Id, IReadOnlyList<NetworkAddress> Addresses, string? Url = null, Uri? Api = null)
{
    /// <summary>It as a relay; null where it can only be asked by its API.</summary>
    internal RelayInfo? ToRelay() => Addresses.Count > 0 || Url is not null ? new(Id, Addresses, Url) : null;
}
