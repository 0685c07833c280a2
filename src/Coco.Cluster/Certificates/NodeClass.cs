namespace Coco.Cluster.Certificates;

/// <summary>What can be asked of a node.</summary>
public enum NodeClass
{
    /// <summary>Always on and well connected: forwards for others.</summary>
    Backbone = 0,

    /// <summary>Always on.</summary>
    Stationary = 1,

    /// <summary>Sleeps, moves and pays for its traffic.</summary>
    Portable = 2,
}
