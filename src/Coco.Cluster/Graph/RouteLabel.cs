namespace Coco.Cluster.Graph;

/// <summary>The best way found to a node so far.</summary>
internal struct RouteLabel
{
    public const uint None = uint.MaxValue;

    public uint Cost;

    /// <summary>The slot of the neighbour it begins with.</summary>
    public ushort FirstHop;

    /// <summary>The slot to route to first; the node itself where all on the way see it.</summary>
    public ushort Aim;

    public byte Hops;
}
