namespace Coco.Cluster.Graph;

/// <summary>What a node can be asked to do for others.</summary>
internal enum NodeClass
{
    /// <summary>Always on, at a good place: most links.</summary>
    Backbone = 0,

    /// <summary>Stays where it is, on mains power.</summary>
    Stationary = 1,

    /// <summary>On a battery or on the move: fewest links, and forwards nothing unless told.</summary>
    Portable = 2,
}
