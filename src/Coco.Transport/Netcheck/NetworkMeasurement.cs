using Coco.Traversal.Stun;

namespace Coco.Transport.Netcheck;

/// <summary>What came back over sockets of ours.</summary>
internal sealed record NetworkMeasurement(NatReport? Ipv4, NatReport? Ipv6, IReadOnlyList<RelayCheck> Relays);
