using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Records;

/// <summary>
/// Where a node can be found, said and signed by the node itself: its home relays and its addresses. Anybody may pass it on; the newest
/// sequence number wins. The expiry is a hint by a clock that may be wrong, never a reason not to try.
/// </summary>
public sealed partial class AddressRecord
{
    /// <summary>Relays a record may name.</summary>
    public const int MaxRelays = 4;

    /// <summary>Addresses a record may have.</summary>
    public const int MaxAddresses = 32;

    private AddressRecord(
        NodeId id, ulong sequence, ulong expiry, IReadOnlyList<RelayInfo> relays, IReadOnlyList<NetworkAddress> addresses, byte[] encoded) =>
        (Id, Sequence, Expiry, Relays, Addresses, Encoded) = (id, sequence, expiry, relays, addresses, encoded);

    /// <summary>Whose record this is.</summary>
    public NodeId Id { get; }

    /// <summary>Grows with each record of this node.</summary>
    public ulong Sequence { get; }

    /// <summary>Until when it holds, in seconds since 1970-01-01 UTC, by the node's own clock.</summary>
    public ulong Expiry { get; }

    /// <summary>Where the node is registered, its home first.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; }

    /// <summary>Where the node listens itself.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; }

    /// <summary>The signed bytes, as they travel.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Whether this replaces <paramref name="other"/>: the same node said it later.</summary>
    public bool IsNewerThan(AddressRecord? other) => other is null || (Id == other.Id && Sequence > other.Sequence);

    /// <summary>Whether it has expired, by a clock that shows <paramref name="unixSeconds"/>.</summary>
    public bool IsExpired(ulong unixSeconds) => unixSeconds >= Expiry;

    /// <inheritdoc/>
    public override string ToString() => $"address record {Sequence} of {Id}";
}
