using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <summary>What one graph knows of one node; nodes are named by their index, the slot.</summary>
internal struct GraphNode
{
    public NodeId Id;

    /// <summary>Its advertisements, one for each scope; none for a neighbour that has not said anything yet.</summary>
    public GraphEntry? Entries;

    /// <summary>Since when it cannot be reached.</summary>
    public TimeSpan LostAt;

    /// <summary>When its next advertisement is due at the earliest, by the rate we accept.</summary>
    public TimeSpan PaidUntil;

    /// <summary>How to get there, where it is reachable.</summary>
    public RouteLabel Way;

    public bool Reachable;

    /// <summary>A neighbour to which no way is known but a link that this node did not advertise yet.</summary>
    public bool IsOnlyOurs;

    /// <summary>A neighbour now, whatever it advertises.</summary>
    public bool IsPeer;

    public readonly AdvertisementFlags Flags => Entries?.Advertisement.Flags ?? AdvertisementFlags.None;
}
