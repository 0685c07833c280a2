using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <summary>Where one node can be found.</summary>
internal sealed class AddressEntry(NodeId node)
{
    public NodeId Node { get; } = node;

    public AddressRecord? Record { get; set; }

    /// <summary>When a connection came about last, in seconds since 1970 UTC by best-known time; 0 for never.</summary>
    public ulong LastGood { get; set; }

    public IReadOnlyList<NetworkAddress> LanAddresses { get; set; } = [];

    public TimeSpan LanSeenAt { get; set; }
}
