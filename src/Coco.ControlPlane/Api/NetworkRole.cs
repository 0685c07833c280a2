namespace Coco.ControlPlane.Api;

/// <summary>What a caller is in a network, in ascending order.</summary>
internal enum NetworkRole
{
    /// <summary>Nothing: to this caller there is no such network.</summary>
    None,
    Guest,
    Admin,
    Owner,
}
