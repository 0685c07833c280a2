using Coco.Crypto;
using Coco.Traversal;

namespace Coco.Cluster.Discovery;

/// <summary>What <see cref="LanDiscovery"/> has learnt.</summary>
internal abstract record LanEvent
{
    private LanEvent()
    {
    }

    /// <summary>A member says that it can be reached here. A hint: who is there is proved by connecting.</summary>
    public sealed record Found(NodeId Node, IReadOnlyList<NetworkAddress> Addresses, int InterfaceIndex) : LanEvent;

    /// <summary>A member said goodbye, or has not been heard for long.</summary>
    public sealed record Gone(NodeId Node) : LanEvent;
}
