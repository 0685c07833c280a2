using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cluster.Invitations;

/// <summary>A node that lets the holder of a ticket in, and how to reach it.</summary>
public sealed record TicketSponsor
{
    /// <summary>Relays a sponsor may have in a ticket.</summary>
    public const int MaxRelays = 2;

    /// <summary>Addresses a sponsor may have in a ticket.</summary>
    public const int MaxAddresses = 8;

    /// <summary>A sponsor with at most <see cref="MaxRelays"/> relays and <see cref="MaxAddresses"/> addresses.</summary>
    public TicketSponsor(NodeId id, IReadOnlyList<RelayInfo> relays, IReadOnlyList<NetworkAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(relays);
        ArgumentNullException.ThrowIfNull(addresses);
        if (id.IsDefault) { throw new ArgumentException("A sponsor has an identity.", nameof(id)); }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(relays.Count, MaxRelays, nameof(relays));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses.Count, MaxAddresses, nameof(addresses));
        if (addresses.Any(address => !address.IsSendable)) { throw new ArgumentException("Each address is one to send to.", nameof(addresses)); }
        (Id, Relays, Addresses) = (id, [.. relays], [.. addresses]);
    }

    /// <summary>Who it is.</summary>
    public NodeId Id { get; }

    /// <summary>Where it is registered.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; }

    /// <summary>Where it listens itself.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; }
}
