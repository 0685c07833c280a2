namespace Coco.Cluster.Membership;

/// <summary>What a user may do in a network.</summary>
public enum Role
{
    /// <summary>Nothing was granted; with a valid certificate the user's nodes connect and use what is granted to everybody.</summary>
    None = 0,

    /// <summary>Everything but devices, resources, firmware and ownership.</summary>
    Admin = 1,

    /// <summary>Connects and uses what is granted.</summary>
    Guest = 2,

    /// <summary>Everything. There is exactly one.</summary>
    Owner = 3,
}
