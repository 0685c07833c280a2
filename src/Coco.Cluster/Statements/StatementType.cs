namespace Coco.Cluster.Statements;

/// <summary>What a statement does. Numbers not listed are of later versions: kept, passed on and not acted on.</summary>
internal enum StatementType : ulong
{
    CreateNetwork = 0,
    Transfer = 1,
    Recover = 2,
    SetRecovery = 3,
    GrantRole = 4,
    Delegate = 5,
    Revoke = 6,
    Rename = 7,
    MoveNode = 8,
    SetPolicy = 9,
    SetControlPlanes = 10,
    SetSettings = 11,
    RotateKey = 12,
    GrantResource = 13,
    SnapshotPart = 14,
    SetDiscovery = 15,
}
