using Coco.Crypto;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Whom to call, and what is known of where they are.</summary>
/// <param name="Peer">The peer's identity.</param>
internal sealed record RoamingTarget(NodeId Peer)
{
    /// <summary>As whom to call: one of the endpoint's identities, the first when default.</summary>
    public NodeId As { get; init; }

    /// <summary>Addresses at which the peer may be reached directly, the likeliest first.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; init; } = [];

    /// <summary>Where the peer itself takes WebSockets, as relays do that are called for what else they answer; null for nowhere.</summary>
    public string? Url { get; init; }

    /// <summary>Relays at which the peer may be registered.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>What the peer has said of where it is.</summary>
    public AddressRecord? Record { get; init; }

    /// <summary>How long relays are asked again that cannot open a session yet: because the peer is not there, or too much is asked of them. Default
    /// 15 s, as long as a call takes at most where nothing else is said.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether to go through the mesh as well, by neighbours that pass datagrams on; also later, when other ways have died.</summary>
    public bool ViaMesh { get; init; }

    internal IEnumerable<NetworkAddress> AllAddresses => Record is { } record && record.Id == Peer ? Addresses.Concat(record.Addresses).Distinct() : Addresses;

    internal IEnumerable<RelayInfo> AllRelays => (Record is { } record && record.Id == Peer ? Relays.Concat(record.Relays) : Relays).DistinctBy(relay => relay.Id);
}
