namespace Coco.Cluster.Certificates;

/// <summary>What can be asked of a node.</summary>
public enum NodeClass
{
    /// <summary>Always on and well connected: forwards for others, and uses quiet links every 25 s at least, so that one that died is noticed soon.</summary>
    Backbone = 0,

    /// <summary>Always on: forwards for others, and uses quiet links as seldom as NATs permit, or every 80 s where there are none.</summary>
    Stationary = 1,

    /// <summary>Sleeps, moves and pays for its traffic: forwards nothing, keeps the fewest links, lets go of unused ones soonest, and uses quiet ones
    /// as seldom as a stationary node.</summary>
    Portable = 2,
}
