namespace Coco.Cluster;

/// <summary>What a user may do in a network. The numbers are on the wire.</summary>
public enum Role
{
    /// <summary>No role: of somebody who is no user of the network.</summary>
    None = 0,

    /// <summary>Connects, and uses what is granted.</summary>
    Guest = 1,

    /// <summary>Everything but adding and removing devices and resources, firmware, ownership, and what touches the owner.</summary>
    Admin = 2,

    /// <summary>Everything. There is exactly one.</summary>
    Owner = 3,
}
