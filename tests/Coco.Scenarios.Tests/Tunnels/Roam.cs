namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>How a host comes to be seen at another address.</summary>
public enum Roam
{
    /// <summary>It is carried into another network.</summary>
    ToAnotherHome,

    /// <summary>Its router gives it another address.</summary>
    ToAnotherLease,

    /// <summary>Its router forgets all mappings, and tells nobody.</summary>
    BehindARouterThatForgets,
}
