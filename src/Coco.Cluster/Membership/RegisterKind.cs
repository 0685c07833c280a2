namespace Coco.Cluster.Membership;

/// <summary>What is written and overwritten. For nodes of the owner, and for devices, only the owner's writes count.</summary>
internal enum RegisterKind : byte
{
    Name = 1,
    NameByOwner = 2,
    SubCluster = 3,
    SubClusterByOwner = 4,
    Policy = 5,
    ControlPlanes = 6,
    Settings = 7,

    /// <summary>The control planes by the owner's last write: those of them that are listed still are believed as the owner is.</summary>
    ControlPlanesByOwner = 8,

    /// <summary>Apart from the settings, so that who renames the network does not bring back a key that the removed have.</summary>
    Discovery = 9,
}
