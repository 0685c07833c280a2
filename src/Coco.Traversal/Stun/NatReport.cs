namespace Coco.Traversal.Stun;

/// <summary>What is known of the way to the internet over one address family.</summary>
public sealed record NatReport
{
    /// <summary>Whether this is about IPv4; else about IPv6.</summary>
    public required bool IsIpv4 { get; init; }

    /// <summary>How outer addresses are chosen.</summary>
    public NatMapping Mapping { get; init; }

    /// <summary>What passes from outside.</summary>
    public NatFiltering Filtering { get; init; }

    /// <summary>Whether the outer address works from inside.</summary>
    public NatHairpin Hairpin { get; init; }

    /// <summary>Whether the outer port is the inner one; null when not known.</summary>
    public bool? PreservesPorts { get; init; }

    /// <summary>The outer address that most observers report; null when none answered.</summary>
    public NetworkAddress? MappedAddress { get; init; }

    /// <summary>What each observer said, in the order they were given.</summary>
    public IReadOnlyList<ObservedAddress> MappedAddresses { get; init; } = [];

    /// <summary>Whether no observer answered at all.</summary>
    public bool IsUdpBlocked { get; init; }

    /// <summary>How often the outer address changed while the network of this host did not.</summary>
    public int Rebindings { get; init; }

    /// <summary>Whether all was asked since the network last changed; until then more may become known.</summary>
    public bool IsComplete { get; init; }

    /// <summary>What all this follows from.</summary>
    public IReadOnlyList<NatEvidence> Evidence { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(NatReport? other) => other is not null
        && (IsIpv4, Mapping, Filtering, Hairpin, PreservesPorts, MappedAddress, IsUdpBlocked, Rebindings)
            == (other.IsIpv4, other.Mapping, other.Filtering, other.Hairpin, other.PreservesPorts, other.MappedAddress, other.IsUdpBlocked, other.Rebindings)
        && IsComplete == other.IsComplete && MappedAddresses.SequenceEqual(other.MappedAddresses) && Evidence.SequenceEqual(other.Evidence);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsIpv4, Mapping, Filtering, Hairpin, MappedAddress, Rebindings, Evidence.Count);
}
