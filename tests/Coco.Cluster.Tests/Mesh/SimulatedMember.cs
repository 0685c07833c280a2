using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>One node of the simulation.</summary>
internal sealed class SimulatedMember(int index, NodeId id, SubClusterId subCluster)
{
    public int Index { get; } = index;

    public NodeId Id { get; } = id;

    public IdentityKey? Key { get; init; }

    public SubClusterId SubCluster { get; } = subCluster;

    public bool HardNat { get; init; }

    /// <summary>Some do not know what NAT they are behind, and find out by failing.</summary>
    public bool KnowsItsNat { get; init; }

    public double X { get; init; }

    public double Y { get; init; }

    public int Group { get; set; }

    /// <summary>Null while the node is off.</summary>
    public MeshNode? Node { get; set; }

    public SimulatedMembers? Members { get; set; }

    /// <summary>Grows with each start, so that what was meant for an earlier life does not reach a later one.</summary>
    public int Life { get; set; }

    public TimeSpan? TimerAt { get; set; }

    public Dictionary<int, SimulatedLink> Links { get; } = [];

    public HashSet<int> Dialing { get; } = [];

    public long SentBytes { get; set; }

    public long SentPackets { get; set; }

    public long Unreachable { get; set; }
}
